package loomgate.server.cli;

import java.util.Arrays;
import java.util.List;
import loomgate.server.control.ExitCode;
import loomgate.server.log.LogWriter;
import loomgate.server.os.Descriptor;
import loomgate.server.os.EarlyLink;
import loomgate.server.worker.Worker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The program's entry, in all of its roles.
public final class Main {

    private Main() {}

    /// @param words the command line; without a command's name it is `run`
    public static void main(String[] words) {
        EarlyLink.begin();
        System.exit(run(Arrays.asList(words)).status());
    }

    private static ExitCode run(List<String> words) {
        try {
            if (!words.isEmpty() && words.getFirst().equals("worker")) {
                return work();
            }
            ServerLog.configure();
            return Commands.run(words);
        } catch (Exception | Error e) {
            log().error("this is a fault of Loomgate's own", e);
            return ExitCode.INTERNAL_ERROR;
        }
    }

    private static ExitCode work() throws Exception {
        LogWriter log = ServerLog.ofWorker();
        try {
            return Worker.run(controlChannel(), log);
        } finally {
            log.close();
        }
    }

    /// The socket that the master gave us as descriptor 0, moved to where no program that the application starts
    /// inherits it; standard input is empty from here on.
    private static Descriptor controlChannel() throws Exception {
        Descriptor standardInput = new Descriptor(0);
        Descriptor control = standardInput.duplicate(3);
        Descriptor nothing = Descriptor.devNull();
        nothing.duplicateOver(standardInput, true);
        nothing.close();
        return control;
    }

    private static Logger log() {
        return LoggerFactory.getLogger(Main.class); // not before ServerLog has configured it
    }
}
