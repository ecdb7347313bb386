package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What TERM and INT do, to the master, to workers, and to a server without a master.
@Timeout(120)
class StopIT {

    private static final String TWO = "processes = 2\n" + RunningServer.TEST_APPLICATION;

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void requestsInFlightAreAnswered(String signal) throws Exception {
        try (RunningServer server = RunningServer.start("http = 127.0.0.1:0\nsocket = app.sock\n" + TWO)) {
            server.awaitReady(2);
            Path gate = server.folder().resolve("gate");
            List<FutureTask<Client.Answer>> answers = new ArrayList<>(unix(server).start(25, "/wait?until=" + gate));
            answers.addAll(Client.http(server.port(0)).start(25, "/wait?until=" + gate));
            unix(server).awaitRunning(50);
            List<Long> workers = server.workers();
            assertEquals(2, workers.size());
            server.signal(signal);
            server.awaitLog("stopping, \\d+ connections open", 2);
            Files.createFile(gate);
            assertAllAnswered(answers, "waited\n");
            assertEquals(0, server.exitStatus());
            assertNoneAlive(workers);
            assertNoErrors(server);
            server.succeeded();
        }
    }

    @Test
    void whatWaitsInTheQueuesIsAnswered() throws Exception {
        try (RunningServer server = RunningServer.start("http = 127.0.0.1:0\nsocket = app.sock\n" + TWO)) {
            server.awaitReady(2);
            List<Long> workers = server.workers();
            List<FutureTask<Client.Answer>> answers = queuedBehindSuspended(server, workers, 20);
            server.signal("TERM");
            server.awaitLog("asked to stop", 1);
            for (long worker : workers) {
                RunningServer.signal("CONT", worker);
            }
            assertAllAnswered(answers, "slept\n");
            assertEquals(0, server.exitStatus());
            assertNoErrors(server);
            server.succeeded();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"master = true\n", "master = false\n"})
    void queueOfAFullWorkerIsAnswered(String master) throws Exception {
        try (RunningServer server = RunningServer.start(
                "http = 127.0.0.1:0\nsocket = app.sock\nmax-connections = 2\n" + master
                        + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(1);
            List<FutureTask<Client.Answer>> answers = new ArrayList<>(unix(server).start(10, "/sleep?ms=100"));
            answers.addAll(Client.http(server.port(0)).start(10, "/sleep?ms=100"));
            server.signal("TERM");
            assertAllAnswered(answers, "slept\n");
            assertEquals(0, server.exitStatus());
            server.succeeded();
        }
    }

    @Test
    void idleConnectionsThatFillAWorkerDoNotHoldUpTheEnd() throws Exception {
        try (RunningServer server = RunningServer.start(
                "http = 127.0.0.1:0\nmax-connections = 1\nreload-mercy = 20\n" + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(1);
            try (SocketChannel idle = SocketChannel.open(Client.http(server.port(0)).address())) {
                idle.write(ByteBuffer.wrap("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n".getBytes()));
                assertTrue(idle.read(ByteBuffer.allocate(1000)) > 0);
                FutureTask<Client.Answer> waiting = Client.http(server.port(0)).start(1, "/hello").getFirst();
                long before = System.nanoTime();
                server.signal("TERM");
                assertTrue(waiting.get(30, TimeUnit.SECONDS).isComplete("hello\n"));
                assertEquals(0, server.exitStatus());
                assertTook(Duration.ZERO, Duration.ofSeconds(6), before);
            }
            server.succeeded();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "max-connections = 1\n", "master = false\n", "master = false\nmax-connections = 1\n"})
    void mercyEnds(String more) throws Exception {
        try (RunningServer server = RunningServer.start(
                "http = 127.0.0.1:0\nreload-mercy = 1\n" + more + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(1);
            Client client = Client.http(server.port(0));
            FutureTask<Client.Answer> cut = client.start(1, "/sleep?ms=30000").getFirst();
            Optional<Client.Sent> queued = Optional.empty();
            if (more.contains("max-connections")) {
                queued = Optional.of(client.send("/hello"));
            } else {
                client.awaitRunning(1);
            }
            long before = System.nanoTime();
            server.signal("TERM");
            assertEquals(75, server.exitStatus());
            assertTook(Duration.ofSeconds(1), Duration.ofSeconds(5), before);
            assertFalse(isAnswered(cut, "slept\n"));
            if (queued.isPresent()) {
                queued.get().close();
            }
            server.succeeded();
        }
    }

    /// Nothing but the kind of its end tells whether the answer is whole.
    @ParameterizedTest
    @ValueSource(strings = {"", "cpu-bound = true\n"})
    void anAnswerThatMercyCutsHasNoGoodEnd(String more) throws Exception {
        try (RunningServer server = RunningServer.start("http = 127.0.0.1:0\nreload-mercy = 0.5\nsocket-timeout = 30\n"
                + more + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(1);
            try (RawConnection slow = RawConnection.toPort(server.port(0))) {
                RawConnection.Reply reply = slow.send("GET /endless?bytes=100000000 HTTP/1.0\r\n\r\n").reply();
                server.signal("TERM");
                assertEquals(75, server.exitStatus());
                assertThrows(SocketException.class, reply::rest);
            }
            server.succeeded();
        }
    }

    @Test
    void whoStillSendsAfterItsAnswerDoesNotHoldUpTheEnd() throws Exception {
        try (RunningServer server = RunningServer.start(
                "http = 127.0.0.1:0\nlimit-post = 10\nreload-mercy = 20\n" + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(1);
            try (RawConnection dripping = RawConnection.toPort(server.port(0))) {
                dripping.send("POST /checksum HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n");
                assertEquals(413, dripping.reply().status());
                long before = System.nanoTime();
                server.signal("TERM");
                await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(50))
                        .untilAsserted(() -> assertThrows(IOException.class, () -> dripping.send("x")));
                assertEquals(0, server.exitStatus());
                assertTook(Duration.ZERO, Duration.ofSeconds(6), before);
            }
            server.succeeded();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "master = false\n", "master = false\nmax-connections = 1\n"})
    void secondSignalCuts(String more) throws Exception {
        try (RunningServer server =
                RunningServer.start("http = 127.0.0.1:0\n" + more + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(1);
            FutureTask<Client.Answer> cut = Client.http(server.port(0)).start(1, "/sleep?ms=30000").getFirst();
            if (!more.contains("max-connections")) {
                Client.http(server.port(0)).awaitRunning(1);
            }
            server.signal("TERM");
            server.awaitLog("asked to stop|stopping, \\d+ conn", 1);
            long before = System.nanoTime();
            server.signal("INT");
            assertEquals(75, server.exitStatus());
            assertTook(Duration.ZERO, Duration.ofSeconds(4), before);
            assertFalse(isAnswered(cut, "slept\n"));
            server.succeeded();
        }
    }

    @Test
    void aWorkerWithOneCarrierStopsAcceptingOnAllOfItsUnixSockets() throws Exception {
        try (RunningServer server = RunningServer.start("socket = a.sock\nhttp = b.sock\nsocket = c.sock\n"
                + "jvm-opt = -Djdk.virtualThreadScheduler.parallelism=1\n" + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(1);
            long before = System.nanoTime();
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            assertTook(Duration.ZERO, Duration.ofSeconds(5), before);
            server.succeeded();
        }
    }

    @Test
    void aWholeGroupThatIsToldAtOnceStillAnswersItsQueue() throws Exception {
        try (RunningServer server = RunningServer.start("http = 127.0.0.1:0\nsocket = app.sock\n" + TWO)) {
            server.awaitReady(2);
            List<Long> workers = server.workers();
            List<FutureTask<Client.Answer>> answers = queuedBehindSuspended(server, workers, 10);
            for (long worker : workers) {
                RunningServer.signal("TERM", worker); // as systemd does with KillMode=control-group
            }
            server.signal("TERM");
            server.awaitLog("asked to stop", 1);
            for (long worker : workers) {
                RunningServer.signal("CONT", worker);
            }
            assertAllAnswered(answers, "slept\n");
            assertEquals(0, server.exitStatus());
            server.succeeded();
        }
    }

    @Test
    void stopWhileStartingEndsAtOnce() throws Exception {
        try (RunningServer server = RunningServer.start("http = 127.0.0.1:0\n" + RunningServer.TEST_APPLICATION.replace(
                "TestApplication", "BrokenApplications$Endless"))) {
            server.awaitLog("loading for ever", 1);
            List<Long> workers = server.workers();
            long before = System.nanoTime();
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            assertTook(Duration.ZERO, Duration.ofSeconds(3), before);
            assertNoneAlive(workers);
            server.succeeded();
        }
    }

    @Test
    void aWorkerThatIsToldToEndFinishesAndIsReplaced() throws Exception {
        try (RunningServer server = RunningServer.start("http = 127.0.0.1:0\n" + TWO)) {
            server.awaitReady(2);
            Client client = Client.http(server.port(0));
            Path gate = server.folder().resolve("gate");
            List<FutureTask<Client.Answer>> answers = client.start(20, "/wait?until=" + gate);
            client.awaitRunning(20);
            long told = server.workers().getFirst();
            RunningServer.signal("TERM", told);
            server.awaitLog("pid " + told + ": (draining|stopping), \\d+ connections open", 1);
            Files.createFile(gate);
            assertAllAnswered(answers, "waited\n");
            server.awaitReady(3);
            server.awaitLog("pid " + told + " ended: asked to end, exited with status 0", 1);
            assertEquals(2, server.workers().size());
            assertTrue(client.get("/hello").isComplete("hello\n"));
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            server.succeeded();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "master = false\n"})
    void hangUpHasNoBadEffect(String master) throws Exception {
        try (RunningServer server =
                RunningServer.start("http = 127.0.0.1:0\n" + master + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(1);
            FutureTask<Client.Answer> answer = Client.http(server.port(0)).start(1, "/sleep?ms=500").getFirst();
            for (long worker : server.workers()) {
                RunningServer.signal("HUP", worker);
                RunningServer.signal("INT", worker);
            }
            server.signal("HUP");
            assertTrue(answer.get().isComplete("slept\n"));
            assertTrue(Client.http(server.port(0)).get("/hello").isComplete("hello\n"));
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            server.succeeded();
        }
    }

    @Test
    void withoutAMasterThereIsOneProcessAndItDrains() throws Exception {
        try (RunningServer server = RunningServer.start(
                "http = 127.0.0.1:0\nsocket = app.sock\nmaster = false\n" + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(1);
            assertEquals(List.of(), server.workers());
            assertEquals(server.pid(), unix(server).get("/hello").worker());
            Path gate = server.folder().resolve("gate");
            List<FutureTask<Client.Answer>> answers = new ArrayList<>(unix(server).start(25, "/wait?until=" + gate));
            answers.addAll(Client.http(server.port(0)).start(25, "/wait?until=" + gate));
            unix(server).awaitRunning(50);
            server.signal("TERM");
            server.awaitLog("stopping, \\d+ connections open", 1);
            Files.createFile(gate);
            assertAllAnswered(answers, "waited\n");
            assertEquals(0, server.exitStatus());
            assertNoErrors(server);
            server.succeeded();
        }
    }

    private static Client unix(RunningServer server) {
        return Client.uwsgi(server.folder().resolve("app.sock"));
    }

    /// Requests that wait in the kernel, on both listeners, since nobody accepts.
    private static List<FutureTask<Client.Answer>> queuedBehindSuspended(
            RunningServer server, List<Long> workers, int onEach) throws Exception {
        for (long worker : workers) {
            RunningServer.signal("STOP", worker);
        }
        List<FutureTask<Client.Answer>> answers = new ArrayList<>(unix(server).start(onEach, "/sleep?ms=1"));
        answers.addAll(Client.http(server.port(0)).start(onEach, "/sleep?ms=1"));
        return answers;
    }

    private static void assertAllAnswered(List<FutureTask<Client.Answer>> answers, String body) throws Exception {
        int complete = 0;
        for (FutureTask<Client.Answer> answer : answers) {
            complete += isAnswered(answer, body) ? 1 : 0;
        }
        assertEquals(answers.size(), complete);
    }

    private static boolean isAnswered(FutureTask<Client.Answer> answer, String body) throws Exception {
        try {
            return answer.get(30, TimeUnit.SECONDS).isComplete(body);
        } catch (java.util.concurrent.ExecutionException e) {
            if (e.getCause() instanceof IOException) {
                return false;
            }
            throw e;
        }
    }

    private static void assertNoneAlive(List<Long> pids) {
        await().atMost(Duration.ofSeconds(30)).until(() -> pids.stream().noneMatch(ProcessFiles::isAlive));
    }

    private static void assertNoErrors(RunningServer server) {
        assertEquals(List.of(), server.log().lines().filter(line -> line.contains(" ERROR ")).toList());
    }

    private static void assertTook(Duration least, Duration most, long beforeNanos) {
        Duration took = Duration.ofNanos(System.nanoTime() - beforeNanos);
        assertTrue(took.compareTo(least) >= 0 && took.compareTo(most) <= 0, took::toString);
    }
}
