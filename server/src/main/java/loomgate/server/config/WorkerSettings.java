package loomgate.server.config;

import static loomgate.server.config.option.Option.option;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import loomgate.server.config.option.Chapter;
import loomgate.server.config.option.Given;
import loomgate.server.config.option.InvalidValue;
import loomgate.server.config.option.Option;
import loomgate.server.config.option.ValueKind;
import loomgate.server.config.option.Values;

/// What a worker needs to know.
///
/// @param module          the application: `pkg.Class` or `pkg.Class:member`
/// @param warmup          requests that a worker answers before any other, `GET /path`
/// @param threads         requests that run at once
/// @param threadsWait     how long a request waits for one of them to end, before it is answered with 503
/// @param access          whom the worker serves
/// @param maxConnections  connections that are open at once
/// @param bufferSize      most bytes of a request's head
/// @param socketTimeout   longest wait for the peer to send or take bytes
/// @param httpKeepalive   longest wait for another request on an HTTP connection
/// @param reloadMercy     how long requests may take to end when the worker is to end
/// @param memoryReport    whether each line of the request log says how much memory is in use
/// @param workerTimeout   how long the worker may be silent to its master
/// @param cpuBound        whether handlers run on platform threads
/// @param pace            how slow the peer may be
/// @param bodies          how large bodies may be, and where they are kept
/// @param deadlines       how long a request may take
/// @param recycling       what the worker may use up
public record WorkerSettings(
        String module,
        List<String> warmup,
        int threads,
        Duration threadsWait,
        AccessSettings access,
        int maxConnections,
        int bufferSize,
        Duration socketTimeout,
        Duration httpKeepalive,
        Duration reloadMercy,
        boolean memoryReport,
        Duration workerTimeout,
        boolean cpuBound,
        PaceSettings pace,
        BodySettings bodies,
        DeadlineSettings deadlines,
        RecyclingSettings recycling) {

    /// Open files that a worker has besides its connections: jars, and what the application opens.
    private static final int FILES_OF_ITS_OWN = 256;

    /// At least one connection of so many can have its request's body in a file.
    private static final int SHARE_OF_BODIES = 4;

    static final Option<String> MODULE = option("module", applicationName())
            .in(Chapter.APPLICATION).alias("wsgi").letter('w')
            .summary("The application: pkg.Class, or pkg.Class:member.")
            .prose("""
                    A class with a constructor that takes nothing or the context; or a static field or method of a \
                    class, which gives the handler. A handler of the JDK's own HTTP server (`HttpHandler`) will do \
                    as well; what it writes is kept in memory until it returns. Required.""")
            .uwsgi("A server without an application does not start, as with uWSGI's `need-app`.")
            .declared();

    static final Option<Integer> THREADS = option("threads", Values.count(1, 100_000))
            .in(Chapter.REQUESTS).standard(512)
            .summary("Requests that run at once in a worker.")
            .prose("Not threads of the system: each request has a virtual thread of its own. A bound, not a pool.")
            .uwsgi("uWSGI's default is 1, because there each is a thread.")
            .declared();

    static final Option<Duration> THREADS_WAIT = option("threads-wait", Values.seconds())
            .in(Chapter.REQUESTS).standard(Duration.ofSeconds(10))
            .summary("How long a request may wait for one of them to end.")
            .prose("Then it is answered with 503. 0 answers at once.")
            .declared();

    static final Option<Integer> MAX_CONNECTIONS = option("max-connections", Values.count(1, 1_000_000))
            .in(Chapter.REQUESTS).standard(10_000)
            .summary("Connections that a worker has open at once.")
            .prose("""
                    Further ones stay in the listener's queue, where another worker may take them. Each needs an open \
                    file, and with `post-buffering` some of their bodies do: if the limit of the process \
                    (`RLIMIT_NOFILE`) is too low, the server says so at its start and has fewer.""")
            .declared();

    static final Option<Integer> BUFFER_SIZE = option("buffer-size", bufferSizeKind())
            .in(Chapter.REQUESTS).letter('b').standard(4096)
            .summary("The most bytes of a request's head.")
            .prose("The block of variables (uwsgi), or request line and fields (HTTP). More is answered with 431.")
            .uwsgi("More than 65535 is an error, where uWSGI silently takes 65535.")
            .declared();

    static final Option<Duration> SOCKET_TIMEOUT = option("socket-timeout", Values.secondsAboveZero())
            .in(Chapter.REQUESTS).letter('z').standard(Duration.ofSeconds(4))
            .summary("How long the peer may send or take nothing.")
            .declared();

    static final Option<Duration> HTTP_KEEPALIVE = option("http-keepalive", Values.seconds())
            .in(Chapter.REQUESTS).standard(Duration.ofSeconds(75))
            .summary("How long an HTTP connection is kept for another request.")
            .prose("""
                    Keep it above the `keepalive_timeout` of nginx's upstream (60 s by default), so that nginx closes \
                    an idle connection and not we, just as it sends a request. 0 closes after each response.""")
            .uwsgi("uWSGI's option belongs to its router process; here every HTTP listener keeps connections.")
            .declared();

    static final Option<Duration> RELOAD_MERCY = option("reload-mercy", Values.seconds())
            .in(Chapter.PROCESSES).alias("worker-reload-mercy").standard(Duration.ofSeconds(60))
            .summary("How long requests may take to end when their worker is to end.")
            .prose("Then the worker is killed.")
            .uwsgi("`reload-mercy` does what its name says; in uWSGI only `worker-reload-mercy` does.")
            .declared();

    static final Option<Boolean> MEMORY_REPORT = option("memory-report", Values.flag())
            .in(Chapter.LOG).letter('m').standard(false)
            .summary("Puts the worker's memory into each line of the request log.")
            .prose("""
                    Each line begins with `{address space usage: 61054976 bytes/58MB} {rss usage: 11481088 bytes/10MB} \
                    {heap usage: 12345678 bytes/11MB of 64MB} `: of the heap what is in use, garbage included, and \
                    what is set apart for it. Lines that share a write share the figures, which the log's own thread \
                    reads: the CPU of a request with and without it differs by less than the noise of the \
                    measurement, a tenth.""")
            .uwsgi("The first two are its own; the heap's are added.")
            .declared();

    static final Option<String> WARMUP = option("warmup", requestLine())
            .in(Chapter.APPLICATION).repeatable()
            .summary("A request that a worker answers itself before it takes any other: GET /path.")
            .prose("""
                    Each has to be answered with a status of 2xx; otherwise the worker does not start, and a reload \
                    leaves the old ones in place. Several are asked in their order, within `start-timeout`.""")
            .declared();

    static final Option<Duration> WORKER_TIMEOUT = option("worker-timeout", Values.secondsAboveZero())
            .in(Chapter.PROCESSES).standard(Duration.ofSeconds(30))
            .summary("How long a worker may give no sign of life.")
            .prose("""
                    Then it is stopped, swapping or collecting garbage without end: its threads are dumped into the \
                    log, another worker takes its place, and it is killed. A request that takes long has nothing to do \
                    with it.""")
            .declared();

    static final Option<Boolean> CPU_BOUND = option("cpu-bound", Values.flag())
            .in(Chapter.REQUESTS).standard(false)
            .summary("Runs the handler on threads of the system, for one that computes for long.")
            .prose("""
                    As `@CpuBound` on the handler's class does. Virtual threads are not time-sliced: a request that \
                    computes keeps a core until it waits for something. Up to `threads` of them run at once.""")
            .declared();

    static final List<Option<?>> OPTIONS = Stream.of(
                    List.of(MODULE, WARMUP, THREADS, THREADS_WAIT, MAX_CONNECTIONS, BUFFER_SIZE, SOCKET_TIMEOUT),
                    PaceSettings.OPTIONS, List.of(HTTP_KEEPALIVE, CPU_BOUND), DeadlineSettings.OPTIONS,
                    BodySettings.OPTIONS, List.of(RELOAD_MERCY, WORKER_TIMEOUT),
                    RecyclingSettings.OPTIONS, List.of(MEMORY_REPORT))
            .<Option<?>>flatMap(List::stream)
            .toList();

    static WorkerSettings from(Given given) {
        return new WorkerSettings(MODULE.ifIn(given).orElse(""), WARMUP.allIn(given), THREADS.in(given),
                THREADS_WAIT.in(given), AccessSettings.from(given),
                MAX_CONNECTIONS.in(given), BUFFER_SIZE.in(given), SOCKET_TIMEOUT.in(given), HTTP_KEEPALIVE.in(given),
                RELOAD_MERCY.in(given), MEMORY_REPORT.in(given), WORKER_TIMEOUT.in(given), CPU_BOUND.in(given),
                PaceSettings.from(given), BodySettings.from(given), DeadlineSettings.from(given),
                RecyclingSettings.from(given));
    }

    /// How many open files [#maxConnections()] need, and as many of their bodies as there may be in files at least.
    public long openFilesNeeded() {
        return FILES_OF_ITS_OWN + (keepsBodiesInFiles()
                ? Math.ceilDiv((long) maxConnections * (SHARE_OF_BODIES + 1), SHARE_OF_BODIES) : maxConnections);
    }

    /// How many connections there may be, of those asked for, when a worker may have so many files open.
    public int connectionsWithin(long openFiles) {
        long free = openFiles - FILES_OF_ITS_OWN;
        return Math.clamp(
                keepsBodiesInFiles() ? free * SHARE_OF_BODIES / (SHARE_OF_BODIES + 1) : free, 1, maxConnections);
    }

    /// How many bodies may be in files at once, beside these connections.
    public int bodiesInFilesWithin(long openFiles) {
        return Math.clamp(openFiles - FILES_OF_ITS_OWN - connectionsWithin(openFiles), 1, Integer.MAX_VALUE);
    }

    private boolean keepsBodiesInFiles() {
        return bodies.inFileFrom() > 0;
    }

    private static ValueKind<String> requestLine() {
        Pattern line = Pattern.compile("[A-Z]+ /[!-~]*");
        return ValueKind.of("METHOD PATH", (text, _) -> {
            if (!line.matcher(Values.nonEmpty(text)).matches()) {
                throw new InvalidValue("'" + text + "' is no request; write GET /path");
            }
            return text;
        }, text -> text);
    }

    private static ValueKind<String> applicationName() {
        Pattern name = Pattern.compile("IDENTIFIER(\\.IDENTIFIER)*(:IDENTIFIER)?"
                .replace("IDENTIFIER", "\\p{javaJavaIdentifierStart}\\p{javaJavaIdentifierPart}*"));
        return ValueKind.of("CLASS[:MEMBER]", (text, _) -> {
            if (!name.matcher(Values.nonEmpty(text)).matches()) {
                throw new InvalidValue("'" + text + "' is no application; write pkg.Class or pkg.Class:member");
            }
            return text;
        }, text -> text);
    }

    /// The range is the protocol's, and who asks for more has to be told so: another value would not help.
    private static ValueKind<Integer> bufferSizeKind() {
        ValueKind<Long> bytes = Values.amount("BYTES", "bytes", 1);
        return new ValueKind<>("BYTES", "bytes", "1 to 65535", bytes.bare(), (text, directories) -> {
            long size = bytes.reading().read(text, directories);
            if (size > 65535) {
                throw new InvalidValue(text + " is more than 65535 bytes, the most that the uwsgi protocol can say");
            }
            if (size == 0) {
                throw new InvalidValue("0 is out of range, which is 1 to 65535");
            }
            return Math.toIntExact(size);
        }, String::valueOf);
    }
}
