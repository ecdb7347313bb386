package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Requests that do not end, in one worker, while others go on: client – nginx – Loomgate – application.
@Isolated("what it measures takes the machine for itself")
@Timeout(90)
class HarakiriIT {

    private static final Duration HARAKIRI = Duration.ofSeconds(2);
    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final Duration MERCY = Duration.ofSeconds(5);

    /// What CI's machines may add; the full run has none of it.
    private static final Duration TOLERANCE = Duration.ofMillis(Soak.of(1500, 300));

    private static final Duration LONGEST_DELAY = Duration.ofSeconds(Soak.of(2, 1)); // of those who have done nothing

    @ParameterizedTest
    @CsvSource({
        "/sleep?ms=30000, 1, sleep",
        "/dead-socket, 1, readDeadSocket",
        "/hold-lock, 1, holdLock",
        "/busy-until-interrupted, 4, busyUntilInterrupted",
    })
    void requestThatCanBeInterruptedEndsAlone(String uri, int culprits, String method) throws Exception {
        try (RunningServer server = start(); Nginx nginx = inFrontOf(server);
                GoodRequests good = GoodRequests.start(nginx.uri("/hello"), "hello\n", 50)) {
            Duration usual = usual(good);
            long worker = server.workers().getFirst();
            assertAnsweredWith504(nginx.uri(uri), culprits);
            server.awaitLog("HARAKIRI ON WORKER 1 \\(pid: " + worker + "\\)[^\n]* GET "
                    + java.util.regex.Pattern.quote(uri) + " from 127.0.0.1, [23]\\.\\d+ s, answered with 504: at "
                    + "loomgate.server.it.app.UnrulyApplication." + method + "\\(UnrulyApplication.java:\\d+\\)",
                    culprits);
            assertNobodyElseSuffered(good, usual);
            assertEquals(List.of(worker), server.workers(), "the worker goes on");
            server.assertStops();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/busy, 1, busy",
        "/busy, 4, busy",
        "/hold-monitor, 2, holdMonitor",
        "/stubborn?ms=60000, 1, stubborn",
    })
    void requestThatCannotBeEndedCostsItsWorkerWhenAnotherServes(String uri, int culprits, String method)
            throws Exception {
        try (RunningServer server = start(); Nginx nginx = inFrontOf(server);
                GoodRequests good = GoodRequests.start(nginx.uri("/hello"), "hello\n", 50)) {
            Duration usual = usual(good);
            long worker = server.workers().getFirst();
            assertAnsweredWith504(nginx.uri(uri), culprits);
            long answered = System.nanoTime();
            server.awaitLog("pid " + worker + " ended: stuck request [^\n]*, exited with status 0", 1);
            Duration took = Duration.ofNanos(System.nanoTime() - answered);
            assertTrue(!Soak.IS_FULL || took.compareTo(GRACE.plus(MERCY)) < 0, took::toString);
            assertEquals(0, server.matches("did not end within reload-mercy|are cut off: reload-mercy").size(),
                    server::log);
            server.awaitLog("stuck request, [^\n]* GET " + java.util.regex.Pattern.quote(uri) + " from 127.0.0.1 at "
                    + "loomgate.server.it.app.UnrulyApplication.(busy|" + method
                    + ")\\(UnrulyApplication.java:\\d+\\)", culprits);
            server.awaitReady(2);
            assertNobodyElseSuffered(good, usual);
            assertEquals(1, server.workers().size());
            server.assertStops();
        }
    }

    @Test
    void answerThatHasBegunIsCutSoThatTheClientNotices() throws Exception {
        try (RunningServer server = start("http = 127.0.0.1:0\n")) {
            server.awaitReady(1);
            try (RawConnection connection = RawConnection.toPort(server.port(0))) {
                connection.send("GET /drip?ms=100 HTTP/1.1\r\nHost: a\r\n\r\n");
                RawConnection.Reply reply = connection.reply();
                assertEquals("1000", reply.field("Content-Length").orElseThrow());
                assertThrows(IOException.class, reply::rest, "a reset, since the announced length alone would do, too");
            }
            server.awaitLog("cut off in the middle of its answer: at loomgate.server.it.app.UnrulyApplication", 1);
            server.assertStops();
        }
    }

    @Test
    void clientThatTakesItsAnswerSlowlyCostsNoWorker() throws Exception {
        try (RunningServer server = start("http = 127.0.0.1:0\n")) {
            server.awaitReady(1);
            try (RawConnection connection = RawConnection.toPort(server.port(0))) {
                connection.send("GET /big?kb=60000 HTTP/1.1\r\nHost: a\r\n\r\n");
                server.awaitLog("cut off in the middle of its answer", 1);
                server.awaitLog("GET /big\\?kb=60000 => generated \\d+ bytes in [23]\\d{3} msecs", 1);
            }
            Thread.sleep(GRACE.plusMillis(500));
            assertEquals(0, server.matches("stuck request|will be replaced").size(), server::log);
            server.assertStops();
        }
    }

    @Test
    void answersOnTheLimitAreNotLost() throws Exception {
        try (RunningServer server = start("http = 127.0.0.1:0\n")) {
            server.awaitReady(1);
            for (FutureTask<Client.Answer> answer : Client.http(server.port(0)).start(300, "/sleep?ms=1999")) {
                String text = answer.get(20, TimeUnit.SECONDS).text();
                assertTrue(text.startsWith("HTTP/1.1 504 ") || text.startsWith("HTTP/1.1 200 "), text);
            }
            server.awaitLog("GET /sleep\\?ms=1999 => generated \\d+ bytes in \\d+ msecs \\(HTTP/1.1 (200|504)\\)", 300);
            server.assertStops();
        }
    }

    @Test
    void bodyThatDripsIsEndedAsWell() throws Exception {
        try (RunningServer server = start("http = 127.0.0.1:0\n")) {
            server.awaitReady(1);
            try (RawConnection connection = RawConnection.toPort(server.port(0))) {
                connection.send("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
                Thread drip = Thread.ofVirtual().start(() -> drip(connection));
                long before = System.nanoTime();
                assertEquals(504, connection.reply().status());
                Duration took = Duration.ofNanos(System.nanoTime() - before);
                assertTrue(took.compareTo(HARAKIRI.plus(TOLERANCE)) < 0, took::toString);
                drip.interrupt();
            }
            server.assertStops();
        }
    }

    @Test
    void timeInWhichABodyIsPostBufferedDoesNotCount() throws Exception {
        Duration harakiri = Duration.ofSeconds(4);
        try (RunningServer server = start("http = 127.0.0.1:0\npost-buffering = 1000\nlog-slow = 2000\n", harakiri)) {
            server.awaitReady(1);
            assertEquals("31\n", postSlowly(server, "/body", harakiri.plusSeconds(1)).text());
            assertEquals(0, server.matches("slow request|HARAKIRI").size(), server::log);
            long before = System.nanoTime();
            assertEquals(504, postSlowly(server, "/sleep?ms=60000", Duration.ofSeconds(1)).status());
            Duration took = Duration.ofNanos(System.nanoTime() - before);
            assertFalse(took.compareTo(harakiri.plusSeconds(1)) < 0, took::toString);
            assertTrue(took.compareTo(harakiri.plusSeconds(1).plus(TOLERANCE)) < 0, took::toString);
            server.awaitLog("slow request: [^\n]* POST /sleep", 1);
            server.assertStops();
        }
    }

    /// A body of 31 bytes that takes that long, from when the server says that it reads it.
    private static RawConnection.Reply postSlowly(RunningServer server, String uri, Duration time) throws Exception {
        try (RawConnection connection = RawConnection.toPort(server.port(0))) {
            connection.send("POST " + uri
                    + " HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 31\r\n\r\n");
            assertEquals(100, connection.reply().status());
            connection.send(".");
            for (int i = 0; i < 30; i++) {
                Thread.sleep(time.dividedBy(30));
                connection.send(".");
            }
            return connection.reply();
        }
    }

    @Test
    void applicationReadsItsTimeAndExtendsIt() throws Exception {
        try (RunningServer server = start("http = 127.0.0.1:0\nharakiri-extension = 2\n")) {
            server.awaitReady(1);
            Client client = Client.http(server.port(0));
            long left = Long.parseLong(client.get("/time-left").body().strip());
            assertTrue(left > 1000 && left <= 2000, "" + left);
            assertEquals("extended\n", client.get("/extend?by=5000&ms=3000").body());
            assertTrue(client.get("/extend?by=60000&ms=6000").text().startsWith("HTTP/1.1 504 "),
                    "up to the bound only");
            server.awaitLog("/extend\\?by=60000&ms=6000 from 127.0.0.1, [45]\\.\\d+ s, answered with 504", 1);
            server.assertStops();
        }
    }

    @Test
    void slowRequestIsReportedAndLeftAlone() throws Exception {
        try (RunningServer server = start("http = 127.0.0.1:0\nlog-slow = 1000\n", Duration.ofSeconds(20))) {
            server.awaitReady(1);
            assertEquals("slept\n", Client.http(server.port(0)).get("/sleep?ms=5000").body());
            server.awaitLog("slow request: request 1: GET /sleep\\?ms=5000 from 127.0.0.1, [1-4]\\.\\d+ s: at "
                    + "loomgate.server.it.app.UnrulyApplication.sleep\\(UnrulyApplication.java:\\d+\\)", 1);
            assertEquals("hello\n", Client.http(server.port(0)).get("/hello").body());
            assertEquals(1, server.matches("slow request: [^\n]*/sleep").size(), server::log);
            server.assertStops();
        }
    }

    @Test
    void verboseShowsTheStackTwice() throws Exception {
        try (RunningServer server = start("http = 127.0.0.1:0\nharakiri-verbose = true\n")) {
            server.awaitReady(1);
            assertTrue(Client.http(server.port(0)).get("/stubborn?ms=8000").text().startsWith("HTTP/1.1 504 "));
            server.awaitLog("(?s)0 bytes of body in, 0 bytes out\n  when its time was over: waiting in \\S+\n"
                    + "(    at [^\n]+\n)*    at loomgate.server.it.app.UnrulyApplication.stubborn[^\n]+\n"
                    + "(    at [^\n]+\n)*"
                    + "  50 ms after the interrupt: waiting in \\S+\n(    at [^\n]+\n)*"
                    + "    at loomgate.server.it.app.UnrulyApplication.stubborn", 1);
            server.assertStops();
        }
    }

    @Test
    void cpuBoundHandlersRunOnThreadsOfTheSystem() throws Exception {
        try (RunningServer server = start("http = 127.0.0.1:0\ncpu-bound = true\n", Duration.ofSeconds(8))) {
            server.awaitReady(1);
            Client client = Client.http(server.port(0));
            assertEquals("platform\n", client.get("/thread").body());
            List<FutureTask<Client.Answer>> answers = client.start(6, "/compute?ms=4000");
            client.awaitRunning(6);
            assertEquals("hello\n", client.get("/hello").body());
            assertTrue(answers.stream().noneMatch(FutureTask::isDone), "it was kept until another had ended");
            for (FutureTask<Client.Answer> answer : answers) {
                assertTrue(answer.get(20, TimeUnit.SECONDS).isComplete("computed\n"));
            }
            assertTrue(client.get("/sleep?ms=30000").text().startsWith("HTTP/1.1 504 "));
            assertEquals(0, server.matches("waiting \\d+ ms for a carrier").size());
            server.assertStops();
        }
    }

    private static void drip(RawConnection connection) {
        try {
            while (true) {
                connection.send(".");
                Thread.sleep(100);
            }
        } catch (IOException | InterruptedException _) {
            // the server has had enough, or the test
        }
    }

    private static void assertAnsweredWith504(URI uri, int culprits) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            List<FutureTask<Duration>> answers = new ArrayList<>();
            for (int i = 0; i < culprits; i++) {
                FutureTask<Duration> answer = new FutureTask<>(() -> {
                    long before = System.nanoTime();
                    HttpResponse<String> response = client.send(
                            HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
                    assertEquals(504, response.statusCode());
                    assertEquals("504 Gateway Timeout\n", response.body());
                    return Duration.ofNanos(System.nanoTime() - before);
                });
                Thread.ofVirtual().start(answer);
                answers.add(answer);
            }
            List<Duration> times = new ArrayList<>();
            for (FutureTask<Duration> answer : answers) {
                times.add(answer.get(20, TimeUnit.SECONDS));
            }
            System.out.println(uri.getPath() + " x " + culprits + ": 504 after " + times);
            for (Duration time : times) {
                assertFalse(time.compareTo(HARAKIRI) < 0, () -> "too early: " + times);
                assertTrue(time.compareTo(HARAKIRI.plus(TOLERANCE)) <= 0, () -> "too late: " + times);
            }
        }
    }

    private static Duration usual(GoodRequests good) {
        await().atMost(Duration.ofSeconds(20)).until(() -> good.count() >= 75); // it takes so many to know it
        List<GoodRequests.Outcome> outcomes = good.takeOutcomes();
        assertEquals(List.of(), GoodRequests.problems(outcomes));
        return GoodRequests.slowest(outcomes.subList(outcomes.size() / 2, outcomes.size()));
    }

    private static void assertNobodyElseSuffered(GoodRequests good, Duration usual) throws InterruptedException {
        good.stop();
        List<GoodRequests.Outcome> outcomes = good.takeOutcomes();
        Duration slowest = GoodRequests.slowest(outcomes);
        System.out.println("of " + outcomes.size() + " good requests the slowest took " + slowest.toMillis()
                + " ms, usual " + usual.toMillis() + " ms");
        assertEquals(List.of(), GoodRequests.problems(outcomes));
        assertTrue(slowest.compareTo(usual.plus(LONGEST_DELAY)) <= 0, slowest::toString);
    }

    private static RunningServer start() throws Exception {
        return start("socket = app.sock\nchmod-socket = 666\n").awaitReady(1);
    }

    private static RunningServer start(String more) throws Exception {
        return start(more, HARAKIRI);
    }

    private static RunningServer start(String more, Duration harakiri) throws Exception {
        return RunningServer.start(more + "harakiri = " + harakiri.toSeconds() + "\nharakiri-grace = "
                + GRACE.toSeconds() + "\nreload-mercy = " + MERCY.toSeconds() + "\n"
                + RunningServer.UNRULY_APPLICATION);
    }

    private static Nginx inFrontOf(RunningServer server) throws Exception {
        Path socket = server.folder().resolve("app.sock");
        return Nginx.start("", "include uwsgi_params; uwsgi_pass unix:" + socket + ";");
    }
}
