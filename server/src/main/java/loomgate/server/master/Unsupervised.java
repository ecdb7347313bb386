package loomgate.server.master;

import java.io.IOException;
import java.util.List;
import loomgate.server.config.Configuration;
import loomgate.server.control.ExitCode;
import loomgate.server.control.Message;
import loomgate.server.control.MessageChannel;
import loomgate.server.os.Descriptor;
import loomgate.server.os.Processes;
import loomgate.server.os.Sockets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `master = false`: this process opens the listeners and then becomes the one worker, same pid, so that class path,
/// JVM options, environment and working directory are those of a supervised one.
public final class Unsupervised {

    private static final Logger LOG = LoggerFactory.getLogger(Unsupervised.class);

    private Unsupervised() {}

    /// Returns only by throwing.
    public static void become(Configuration configuration) throws StartException, IOException {
        if (configuration.master().processes() != 1) {
            throw new StartException(ExitCode.CONFIGURATION_WRONG, "processes = " + configuration.master().processes()
                    + " needs a master: remove master = false, or processes");
        }
        Startup startup = Startup.of(configuration);
        if (System.getenv("NOTIFY_SOCKET") != null) {
            LOG.warn("systemd waits to be told when the server is ready (NOTIFY_SOCKET is set), which takes a master:"
                    + " use Type=exec, or remove master = false");
        }
        List<Descriptor> pair = Sockets.pair();
        Descriptor ours = pair.get(0);
        // the worker finds its message in the socket's buffer when it begins to read
        new MessageChannel(ours.input(), ours.outputThatNeverWaits())
                .send(new Message.Configure(1, 1, false, WorkerProcess.lasting(startup.listeners()),
                        configuration.effective()));
        Processes.become(startup.program()
                .programOfALoneOne(WorkerProcess.descriptors(pair.get(1), startup.listeners())));
    }
}
