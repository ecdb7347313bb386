package loomgate.server.master;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import loomgate.server.config.Configuration;
import loomgate.server.config.ListenerSettings;
import loomgate.server.control.ExitCode;
import loomgate.server.os.Descriptor;
import loomgate.server.os.OsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What has to succeed before any worker is started, in the order in which it leaves the least behind when it fails.
///
/// @param program   what workers run
/// @param listeners what they listen on
record Startup(WorkerProgram program, List<OpenListener> listeners) {

    private static final Logger LOG = LoggerFactory.getLogger(Startup.class);
    private static final int LOG_MODE = 0640;

    static Startup of(Configuration configuration) throws StartException, IOException {
        WorkerProgram program = WorkerProgram.of(configuration);
        redirectOutput(configuration.log().logto());
        configuration.warnings().forEach(LOG::warn);
        List<OpenListener> listeners =
                ListenerOpening.openAll(configuration.listeners(), configuration.worker().socketTimeout());
        for (OpenListener listener : listeners) {
            LOG.info("listening for {} on {}",
                    listener.settings().kind() == ListenerSettings.Kind.UWSGI ? "uwsgi" : "http", listener.address());
        }
        return new Startup(program, listeners);
    }

    /// From here on standard output and error, ours and the workers', are the log file.
    private static void redirectOutput(Optional<Path> logto) throws StartException, OsException {
        if (logto.isEmpty()) {
            return;
        }
        Descriptor file;
        try {
            file = Descriptor.appendingTo(logto.get().toString(), LOG_MODE);
        } catch (OsException e) {
            throw new StartException(ExitCode.CONFIGURATION_WRONG,
                    "logto = " + logto.get() + " cannot be written: " + e.getMessage());
        }
        file.duplicateOver(new Descriptor(1), true);
        file.duplicateOver(new Descriptor(2), true);
        file.close();
    }
}
