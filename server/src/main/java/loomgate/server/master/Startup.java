package loomgate.server.master;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import loomgate.server.config.Configuration;
import loomgate.server.config.ListenAddress;
import loomgate.server.config.ListenerSettings;
import loomgate.server.config.MasterSettings;
import loomgate.server.config.WorkerSettings;
import loomgate.server.control.ExitCode;
import loomgate.server.os.Descriptor;
import loomgate.server.os.OpenFileLimit;
import loomgate.server.os.OsException;
import loomgate.server.os.Privileges;
import loomgate.server.os.StandardOutput;
import loomgate.server.status.StatusServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What has to succeed before any worker is started, in the order in which it leaves the least behind when it fails.
///
/// @param program   what workers run
/// @param listeners what they listen on
/// @param status    bound, but not started, if one was asked for
/// @param pidFile   if one was asked for
record Startup(WorkerProgram program, List<OpenListener> listeners, Optional<StatusServer> status,
        Optional<PidFile> pidFile) {

    private static final Logger LOG = LoggerFactory.getLogger(Startup.class);
    private static final int LOG_MODE = 0640;
    private static final int OTHERS_MAY_WRITE = 0022;
    private static final int LARGEST_CONFIGURATION = 150_000; // bytes; a unix socket's default buffer takes 200,000

    /// As root with `uid` it begins as root and ends as that user: what needs root comes first.
    static Startup of(Configuration configuration) throws StartException, IOException {
        Optional<ServerUser> user = ServerUser.of(configuration.master());
        WorkerProgram program = WorkerProgram.of(configuration);
        requireSendable(configuration);
        ListenerOpening.requireUseOfPassed(configuration.listeners());
        if (user.isPresent()) {
            user.get().requireAccess(program);
        }
        Optional<Descriptor> log = openLog(configuration, user);
        List<OpenListener> listeners = ListenerOpening.openAll(configuration.listeners(),
                configuration.worker().socketTimeout(), user.map(ServerUser::identity));
        Startup startup = complete(configuration.master(), user, log, program, listeners);
        startup.report(configuration, user);
        return startup;
    }

    /// What is left to do when the listeners are there, or nothing of it.
    private static Startup complete(MasterSettings settings, Optional<ServerUser> user, Optional<Descriptor> log,
            WorkerProgram program, List<OpenListener> listeners) throws StartException, IOException {
        Optional<StatusServer> status = Optional.empty();
        Optional<PidFile> pidFile = Optional.empty();
        boolean isComplete = false;
        try {
            if (settings.status().isPresent()) {
                status = Optional.of(bindStatus(settings.status().get()));
            }
            if (settings.pidfile().isPresent()) {
                pidFile = Optional.of(PidFile.write(settings.pidfile().get(), user.map(ServerUser::identity)));
            }
            if (user.isPresent()) {
                user.get().become();
            }
            if (log.isPresent()) {
                // not earlier: what prevents the start is to be read where it was started
                StandardOutput.becomes(log.get());
            }
            isComplete = true;
            return new Startup(program, listeners, status, pidFile);
        } finally {
            if (!isComplete) {
                pidFile.ifPresent(PidFile::remove);
                status.ifPresent(StatusServer::close);
                ListenerOpening.discardAll(listeners);
            }
        }
    }

    private static StatusServer bindStatus(ListenAddress.Tcp address) throws StartException {
        try {
            return StatusServer.bind(address);
        } catch (IOException e) {
            throw new StartException(ExitCode.CANNOT_LISTEN, "cannot listen on " + address + " (status): "
                    + e.getMessage() + "; `ss -ltnp` tells who listens where");
        }
    }

    /// What followed has failed: nothing is to be left of it.
    void undo() {
        pidFile.ifPresent(PidFile::remove);
        ListenerOpening.discardAll(listeners);
    }

    private void report(Configuration configuration, Optional<ServerUser> user) throws StartException, IOException {
        configuration.warnings().forEach(LOG::warn);
        if (user.isPresent()) {
            LOG.info("running as {}", user.get());
        }
        if (Privileges.isRoot() && configuration.master().uid().isEmpty()) {
            LOG.warn("RUNNING AS ROOT: whoever finds a hole in the application has the whole machine."
                    + " Name a user for it: uid = www-data");
        }
        pidFile.flatMap(PidFile::previous).ifPresent(LOG::warn);
        if (configuration.master().vacuum()) {
            Vacuum.warnOfWhatWillStay(listeners, pidFile);
        }
        MemoryBudget memory = WorkerProgram.memory(configuration);
        memory.warning().ifPresent(LOG::warn);
        warnOfTooFewFiles(configuration.worker());
        LOG.info(memory.toString());
        for (OpenListener listener : listeners) {
            LOG.info("listening for {} on {}{}",
                    listener.settings().kind() == ListenerSettings.Kind.UWSGI ? "uwsgi" : "http", listener.address(),
                    listener.isPassed() ? ", opened by systemd" : "");
        }
        status.ifPresent(server -> LOG.info("/live and /ready are answered on {}", server.address()));
    }

    /// Workers have the limit of this process.
    private static void warnOfTooFewFiles(WorkerSettings worker) throws IOException {
        long openFiles = OpenFileLimit.ofThisProcess();
        int connections = worker.connectionsWithin(openFiles);
        if (connections < worker.maxConnections()) {
            LOG.warn("max-connections = {} needs {} open files in each worker, {} are allowed: a worker will have {}"
                    + " connections at most; raise the limit (LimitNOFILE= of systemd, ulimit -n) or ask for fewer",
                    worker.maxConnections(), worker.openFilesNeeded(), openFiles, connections);
        }
    }

    /// A worker is told its configuration in one message, which has to fit into the socket's buffer.
    static void requireSendable(Configuration configuration) throws StartException {
        int size = configuration.effective().stream()
                .mapToInt(entry -> entry.getBytes(StandardCharsets.UTF_8).length + 1).sum();
        if (size > LARGEST_CONFIGURATION) {
            throw new StartException(ExitCode.CONFIGURATION_WRONG, "the configuration comes to " + size
                    + " bytes, at most " + LARGEST_CONFIGURATION
                    + " can be handed to a worker: move what is long into files of the application's");
        }
    }

    /// A log that is created belongs to the user that the server will be, who may have to open it anew. One that is
    /// there keeps its owner.
    private static Optional<Descriptor> openLog(Configuration configuration, Optional<ServerUser> user)
            throws StartException {
        Optional<Path> path = configuration.log().logto();
        if (path.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(user.isPresent() ? openLogFor(user.get(), path.get())
                    : Descriptor.appendingTo(path.get().toString(), LOG_MODE));
        } catch (IOException e) {
            String option = configuration.master().daemonize().isPresent() ? "daemonize" : "logto";
            throw new StartException(ExitCode.CONFIGURATION_WRONG,
                    option + " = " + path.get() + " cannot be written: " + e.getMessage());
        }
    }

    /// Whoever may change the directory could have put a link there that leads to a file of root's.
    private static Descriptor openLogFor(ServerUser user, Path path) throws IOException {
        try {
            Descriptor created = Descriptor.creating(path.toString(), LOG_MODE);
            created.chown(user.identity().uid(), user.identity().gid());
            return created;
        } catch (OsException e) {
            if (e.errno() != OsException.EEXIST) {
                throw e;
            }
            return isChangedByRootAlone(path.toAbsolutePath().getParent())
                    ? Descriptor.appendingTo(path.toString(), LOG_MODE)
                    : Descriptor.appendingToNoLink(path.toString());
        }
    }

    private static boolean isChangedByRootAlone(Path directory) throws IOException {
        int mode = (int) Files.getAttribute(directory, "unix:mode");
        return (int) Files.getAttribute(directory, "unix:uid") == 0 && (mode & OTHERS_MAY_WRITE) == 0;
    }
}
