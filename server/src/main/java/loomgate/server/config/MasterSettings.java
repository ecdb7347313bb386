package loomgate.server.config;

import static loomgate.server.config.option.Option.option;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import loomgate.server.config.option.Chapter;
import loomgate.server.config.option.Given;
import loomgate.server.config.option.InvalidValue;
import loomgate.server.config.option.Option;
import loomgate.server.config.option.ValueKind;
import loomgate.server.config.option.Values;

/// What the process at the top needs to know.
///
/// @param supervised  whether there is a master at all; otherwise one worker runs in the process that was started
/// @param processes   number of workers
/// @param reloadMercy how long a worker may take to end by itself
/// @param shutdownDelay how long all workers serve on when the server is told to stop
/// @param startTimeout how long a worker may take to be ready
/// @param recycling   what a worker may use up
/// @param jvm         what workers are started with
/// @param touchReload files whose change asks for a reload
/// @param uid         user to become, name or number
/// @param gid         group to become, name or number
/// @param pidfile     file to write the process's number to
/// @param daemonize   log file of a server that goes into the background
/// @param vacuum      whether to remove sockets and pid file at the end
/// @param status      where the master says how the server is
public record MasterSettings(
        boolean supervised,
        int processes,
        Duration reloadMercy,
        Duration shutdownDelay,
        Duration startTimeout,
        RecyclingSettings recycling,
        JvmSettings jvm,
        List<Path> touchReload,
        Optional<String> uid,
        Optional<String> gid,
        Optional<Path> pidfile,
        Optional<Path> daemonize,
        boolean vacuum,
        Optional<ListenAddress.Tcp> status) {

    static final Option<Boolean> MASTER = option("master", Values.flag())
            .in(Chapter.PROCESSES).restartNeeded().letter('M').standard(true)
            .summary("Runs workers under a master process that replaces them when they end.")
            .prose("""
                    `master = false` runs one worker in the process that was started: for development, and for \
                    containers whose orchestrator supervises. `processes` then has no effect.""")
            .uwsgi("The default is true. A server that nobody supervises has to be asked for.")
            .declared();

    static final Option<Integer> PROCESSES = option("processes", Values.count(1, 1024))
            .in(Chapter.PROCESSES).alias("workers").letter('p').standard(1)
            .summary("Worker processes, each a JVM with the application.")
            .prose("""
                    A worker serves many requests at once, so that one or two are enough for most machines: more of \
                    them cost memory, and buy that less is lost when one breaks.""")
            .declared();

    static final Option<Duration> START_TIMEOUT = option("start-timeout", Values.secondsAboveZero())
            .in(Chapter.PROCESSES).standard(Duration.ofSeconds(90))
            .summary("How long a worker may take until it is ready.")
            .prose("""
                    Then its threads are dumped into the log and it is killed: an application whose constructor hangs \
                    ends a first start with a message, and later never takes a serving worker's place.""")
            .declared();

    static final Option<Duration> SHUTDOWN_DELAY = option("shutdown-delay", Values.seconds())
            .in(Chapter.PROCESSES).standard(Duration.ZERO)
            .summary("How long all workers serve on when the server is told to stop.")
            .prose("""
                    For load balancers, which take a moment to notice: `/ready` of `status` says no at once, the \
                    workers accept and answer as before, and the stop begins when this time is over. Being told to \
                    stop again stops at once. Before the first worker is ready there is no delay.""")
            .declared();

    static final Option<Path> TOUCH_RELOAD = option("touch-reload", Values.pathFromStart("FILE"))
            .in(Chapter.PROCESSES).repeatable().restartNeeded()
            .summary("Reloads when this file is touched: as HUP does.")
            .prose("Looked at every second. A file that does not exist yet may come later.")
            .declared();

    static final Option<String> UID = option("uid", Values.text("USER"))
            .in(Chapter.PROCESSES).restartNeeded()
            .summary("The user to run as, name or number.")
            .prose("""
                    Needs root. Sockets, log and pid file are opened before, the application is loaded after the \
                    change. The user's groups are taken over; workers have the user's `HOME`, `USER` and `LOGNAME`. \
                    Sockets belong to this user unless `chown-socket` says otherwise. A number need not be known to \
                    the machine, but then `gid` is needed.""")
            .uwsgi("""
                    Sockets are always bound first, with or without `chown-socket`. Without `gid` the group is the \
                    user's own, and not root's. Capabilities are given up, and no program can gain privileges \
                    (`no_new_privs`).""")
            .declared();

    static final Option<String> GID = option("gid", Values.text("GROUP"))
            .in(Chapter.PROCESSES).restartNeeded()
            .summary("The group to run as, name or number.")
            .prose("The default is the group of `uid`.")
            .declared();

    static final Option<Path> PIDFILE = option("pidfile", Values.pathFromStart("FILE"))
            .in(Chapter.PROCESSES).restartNeeded()
            .summary("Writes the number of the master process to this file.")
            .prose("""
                    When the sockets are bound, all at once, with mode 644, and belonging to `uid`. One that was left \
                    over is replaced; that of a running server keeps this one from starting. It stays at the end, \
                    unless `vacuum` is on.""")
            .uwsgi("It is not overwritten while the server that it names runs, nor a file that is no pid file.")
            .declared();

    static final Option<Path> DAEMONIZE = option("daemonize", daemonLog())
            .in(Chapter.PROCESSES).restartNeeded().letter('d')
            .summary("Goes into the background and logs to this file.")
            .prose("""
                    The command returns when the first worker is ready, with 0, or when that has failed, with the \
                    cause and the server's exit status. Not for systemd and containers, which want to watch the \
                    process that they have started.""")
            .uwsgi("""
                    As its `daemonize2`: the command that was called waits until requests can be served and returns \
                    the outcome. The umask stays as it is.""")
            .declared();

    static final Option<Boolean> VACUUM = option("vacuum", Values.flag())
            .in(Chapter.PROCESSES).restartNeeded().standard(false)
            .summary("Removes unix sockets and the pid file at the end.")
            .prose("""
                    Also when the application cannot be loaded. What `uid` may not remove is left, with a warning; a \
                    socket or pid file that is left over is replaced at the next start in any case.""")
            .uwsgi("Only what is still this server's own is removed; `uid` and reloads make no difference.")
            .declared();

    static final Option<ListenAddress.Tcp> STATUS = option("status", ListenAddress.TCP_KIND)
            .in(Chapter.LISTENERS).restartNeeded()
            .summary("Where the master says over HTTP whether the server is live and ready.")
            .prose("""
                    `GET /live` is answered with 200 as long as the master works; `GET /ready` while the server serves \
                    and has not been told to stop, otherwise with 503 and the reason in a line. The master answers, \
                    however stuck the workers are. `127.0.0.1:9100` for who asks from this machine; `:9100` is all \
                    addresses, of IPv6 too: only those who are to ask should reach it. TCP only.""")
            .declared();

    static final List<Option<?>> OPTIONS = List.of(MASTER, PROCESSES, SHUTDOWN_DELAY, START_TIMEOUT, TOUCH_RELOAD, UID,
            GID, PIDFILE, DAEMONIZE, VACUUM, STATUS);

    static MasterSettings from(Given given) {
        boolean supervised = MASTER.in(given);
        int processes = PROCESSES.in(given);
        if (!supervised && processes > 1) {
            given.problems().warn(given.counting(PROCESSES).getLast().entry().at(),
                    "processes has no effect: master = false runs one worker");
        }
        if (!supervised) {
            refuseWhatNeedsAMaster(given);
        }
        return new MasterSettings(supervised, processes, WorkerSettings.RELOAD_MERCY.in(given),
                SHUTDOWN_DELAY.in(given), START_TIMEOUT.in(given), RecyclingSettings.from(given),
                JvmSettings.from(given), TOUCH_RELOAD.allIn(given), UID.ifIn(given), GID.ifIn(given),
                PIDFILE.ifIn(given), DAEMONIZE.ifIn(given), VACUUM.in(given), STATUS.ifIn(given));
    }

    private static void refuseWhatNeedsAMaster(Given given) {
        given.counting(DAEMONIZE).forEach(value -> given.problems().error(value.entry().at(),
                "daemonize needs a master, which tells when the server is ready: remove master = false, or daemonize"));
        given.counting(STATUS).forEach(value -> given.problems().error(value.entry().at(),
                "status needs a master, which answers: remove master = false, or status"));
        if (SHUTDOWN_DELAY.in(given).isPositive()) {
            given.problems().error(given.counting(SHUTDOWN_DELAY).getLast().entry().at(),
                    "shutdown-delay needs a master, which waits: remove master = false, or shutdown-delay");
        }
        if (VACUUM.in(given)) {
            given.problems().warn(given.counting(VACUUM).getLast().entry().at(),
                    "vacuum has no effect: with master = false there is nobody left who could do it");
        }
    }

    private static ValueKind<Path> daemonLog() {
        ValueKind<Path> file = Values.pathFromStart("FILE");
        return ValueKind.of("FILE", (text, directories) -> {
            if (text.matches("[^/]*:[0-9]*")) {
                throw new InvalidValue("'" + text + "' asks for a log over UDP, which is not supported; name a file");
            }
            return file.reading().read(text, directories);
        }, file.writing());
    }
}
