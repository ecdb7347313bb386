package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The line that each request has in the log, and that lines stay whole when many are written at once.
class RequestLogIT {

    private static final int REQUESTS = 2000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// As uWSGI writes it.
    private static final Pattern LINE = Pattern.compile("\\[pid: (?<pid>\\d+)\\|app: 0\\|req: \\d+/\\d+]"
            + " 127\\.0\\.0\\.1 \\(\\) \\{\\d+ vars in \\d+ bytes}"
            + " \\[\\w{3} \\w{3} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}]"
            + " GET /hello\\?(?<number>\\d+)-(?<filling>x*)(?:\\.\\.\\.)? => generated 6 bytes in \\d+ msecs"
            + " \\(HTTP/1\\.1 200\\) 6 headers in \\d+ bytes \\(1 switches on core 0\\)");

    private static final String MEMORY = "\\{address space usage: (?<as>\\d+) bytes/\\d+MB} "
            + "\\{rss usage: (?<rss>\\d+) bytes/(?<rssMegabytes>\\d+)MB} "
            + "\\{heap usage: (?<heap>\\d+) bytes/\\d+MB of (?<committed>\\d+)MB} ";

    private static final long MEGABYTE = 1024 * 1024;

    /// The stacks of a report, of busy carriers for instance, are lines of their own.
    private static final Pattern SERVERS_OWN = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\S+ (INFO|WARN) .*"
            + "|    at [\\w.$/@<>+-]+\\([\\w.: $]+\\)"
            + "|  and request \\d+: GET /hello\\?\\d+-x*(\\.\\.\\.)? from 127\\.0\\.0\\.1");

    /// Whoever connects on a busy machine may come to sending much later.
    private static final String TWO_WORKERS = """
            http = 127.0.0.1:0
            processes = 2
            listen = 1024
            socket-timeout = 60
            buffer-size = 8192
            """ + RunningServer.TEST_APPLICATION;

    @Test
    void aRequestHasTheLineThatUwsgiWrites() throws Exception {
        try (RunningServer server = RunningServer.start("http = 127.0.0.1:0\n" + RunningServer.TEST_APPLICATION)
                        .awaitReady(1)) {
            get(server.port(0), "/hello?1-x");
            server.awaitLog(LINE.pattern() + "\n", 1);
            assertTrue(server.log().contains("|app: 0|req: 1/1] 127.0.0.1 () {4 vars in "), server.log());
            server.succeeded();
        }
    }

    @Test
    void memoryReportBeginsEachLineWithTheFiguresOfTheKernelAndOfTheHeap() throws Exception {
        try (RunningServer server = RunningServer.start(
                        "http = 127.0.0.1:0\nmemory-report = true\n" + RunningServer.TEST_APPLICATION).awaitReady(1)) {
            for (int i = 1; i <= 3; i++) {
                get(server.port(0), "/hello?" + i + "-x");
                server.awaitLog(MEMORY + LINE.pattern() + "\\n", i);
            }
            Matcher line = Pattern.compile(MEMORY).matcher(server.log());
            assertTrue(line.find());
            String[] statm = Files.readString(Path.of("/proc/" + server.workers().getFirst() + "/statm")).split(" ");
            long pageBytes = 4096;
            assertEquals(Long.parseLong(statm[0]) * pageBytes, number(line, "as"), 64 * MEGABYTE);
            assertEquals(Long.parseLong(statm[1]) * pageBytes, number(line, "rss"), 64 * MEGABYTE);
            assertEquals(number(line, "rss") / MEGABYTE, number(line, "rssMegabytes"));
            assertTrue(number(line, "heap") > MEGABYTE && number(line, "heap") < 128 * MEGABYTE, line.group());
            assertTrue(number(line, "committed") <= 128, line.group()); // -Xmx128m
            server.succeeded();
        }
    }

    private static long number(Matcher line, String group) {
        return Long.parseLong(line.group(group));
    }

    @Test
    void everyRequestHasOneWholeLineInAFile() throws Exception {
        try (RunningServer server = RunningServer.start(TWO_WORKERS + "logto = requests.log\n")) {
            Path file = server.folder().resolve("requests.log");
            Supplier<String> log = () -> textOf(file);
            await().atMost(PATIENCE).until(() -> log.get().split("ready after", -1).length == 3);
            Matcher port = Pattern.compile("listening for http on 127.0.0.1:(\\d+)").matcher(log.get());
            assertTrue(port.find());
            sendMany(Integer.parseInt(port.group(1)));
            assertEachHasALine(log);
            assertEquals("", server.log());
            server.succeeded();
        }
    }

    @Test
    void everyRequestHasOneWholeLineInAPipe() throws Exception {
        try (RunningServer server = RunningServer.startWithPipe(TWO_WORKERS).awaitReady(2)) {
            sendMany(server.port(0));
            assertEachHasALine(server::log);
            server.succeeded();
        }
    }

    @Test
    void withoutLoggingFailuresAreLoggedAllTheSame() throws Exception {
        try (RunningServer server = RunningServer.start("""
                http = 127.0.0.1:0
                disable-logging = true
                """ + RunningServer.TEST_APPLICATION).awaitReady(1)) {
            get(server.port(0), "/hello?1-x");
            get(server.port(0), "/throw");
            server.awaitLog("GET /throw: the application failed", 1);
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            assertEquals(List.of(), server.matches("\\[pid:"));
            server.succeeded();
        }
    }

    /// Sends requests with URIs of all lengths up to some 5,000 bytes, as many at once as there may be.
    private static void sendMany(int port) throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> statuses = IntStream.range(0, REQUESTS)
                    .mapToObj(i -> clients.submit(() -> get(port, "/hello?" + i + "-" + "x".repeat(filling(i)))))
                    .toList();
            for (Future<Integer> status : statuses) {
                assertEquals(200, status.get());
            }
        }
    }

    private static int filling(int request) {
        return request * 7 % 5000;
    }

    private static int get(int port, String uri) throws IOException {
        try (RawConnection connection = RawConnection.toPort(port, PATIENCE)) {
            RawConnection.Reply reply =
                    connection.send("GET " + uri + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").reply();
            reply.rest();
            return reply.status();
        }
    }

    private static void assertEachHasALine(Supplier<String> log) {
        Pattern wholeLine = Pattern.compile(LINE.pattern() + "\n"); // the last may be half there
        await().atMost(PATIENCE).until(() -> wholeLine.matcher(log.get()).results().count() >= REQUESTS);
        List<String> others = log.get().lines()
                .filter(line -> !LINE.matcher(line).matches() && !SERVERS_OWN.matcher(line).matches())
                .limit(3).toList();
        assertEquals(List.of(), others);
        List<Matcher> lines = log.get().lines().map(LINE::matcher).filter(Matcher::matches).toList();
        assertEquals(IntStream.range(0, REQUESTS).boxed().toList(),
                lines.stream().map(line -> Integer.valueOf(line.group("number"))).sorted().toList());
        for (Matcher line : lines) {
            int filling = line.group("filling").length();
            assertTrue(filling == filling(Integer.parseInt(line.group("number"))) || filling > 3000, line::group);
        }
        assertEquals(2, lines.stream().map(line -> line.group("pid")).distinct().count(), "one worker served all");
    }

    private static String textOf(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
