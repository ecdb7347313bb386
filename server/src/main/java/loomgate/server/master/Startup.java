package loomgate.server.master;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
    private static final int LARGEST_CONFIGURATION = 150_000; // bytes; the default buffer of a unix socket has room for 200,000

    static Startup of(Configuration configuration) throws StartException, IOException {
        WorkerProgram program = WorkerProgram.of(configuration);
        requireSendable(configuration);
        Optional<Descriptor> log = openLog(configuration.log().logto());
        ListenerOpening.requireUseOfPassed(configuration.listeners());
        List<OpenListener> listeners =
                ListenerOpening.openAll(configuration.listeners(), configuration.worker().socketTimeout());
        if (log.isPresent()) {
            redirectOutput(log.get());
        }
        configuration.warnings().forEach(LOG::warn);
        program.memory().warning().ifPresent(LOG::warn);
        LOG.info(program.memory().toString());
        for (OpenListener listener : listeners) {
            LOG.info("listening for {} on {}{}",
                    listener.settings().kind() == ListenerSettings.Kind.UWSGI ? "uwsgi" : "http", listener.address(),
                    listener.isPassed() ? ", opened by systemd" : "");
        }
        return new Startup(program, listeners);
    }

    /// A worker is told its configuration in one message, which has to fit into the socket's buffer.
    static void requireSendable(Configuration configuration) throws StartException {
        int size = configuration.effective().stream().mapToInt(entry -> entry.getBytes(StandardCharsets.UTF_8).length + 1).sum();
        if (size > LARGEST_CONFIGURATION) {
            throw new StartException(ExitCode.CONFIGURATION_WRONG, "the configuration comes to " + size + " bytes, at most "
                    + LARGEST_CONFIGURATION + " can be handed to a worker: move what is long into files of the application's");
        }
    }

    private static Optional<Descriptor> openLog(Optional<Path> logto) throws StartException {
        if (logto.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Descriptor.appendingTo(logto.get().toString(), LOG_MODE));
        } catch (OsException e) {
            throw new StartException(ExitCode.CONFIGURATION_WRONG,
                    "logto = " + logto.get() + " cannot be written: " + e.getMessage());
        }
    }

    /// From here on standard output and error, ours and the workers', are the log file. Not earlier: what prevents the
    /// start is to be read where the server was started.
    private static void redirectOutput(Descriptor log) throws OsException {
        log.duplicateOver(new Descriptor(1), true);
        log.duplicateOver(new Descriptor(2), true);
        log.close();
    }
}
