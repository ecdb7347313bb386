package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A server that is told to stop, says so, and serves on until those who send requests have noticed.
@Timeout(120)
class ShutdownDelayIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(10);
    private static final int PER_SECOND = 50;

    private static RunningServer start(double delay, String more) throws Exception {
        RunningServer server = RunningServer.start("http = 127.0.0.1:0\nstatus = 127.0.0.1:0\nshutdown-delay = " + delay
                + "\n" + more + RunningServer.TEST_APPLICATION);
        server.awaitReady(more.contains("processes = 2") ? 2 : 1);
        await().atMost(PATIENCE).pollInterval(POLL).until(Probe.of(server)::isReady);
        return server;
    }

    private static URI uri(RunningServer server) {
        return URI.create("http://127.0.0.1:" + server.port(0) + "/sleep?ms=50");
    }

    @Test
    void aLoadBalancerThatAsksEachSecondLosesNothing() throws Exception {
        try (RunningServer server = start(5, "processes = 2\n");
                GoodRequests good = GoodRequests.start(uri(server), "slept\n", PER_SECOND)) {
            Probe probe = Probe.of(server);
            await().atMost(PATIENCE).until(() -> good.count() > 10);
            long told = System.nanoTime();
            server.signal("TERM");
            await().atMost(PATIENCE).pollInterval(POLL).until(() -> !probe.isReady());
            Probe.Answer answer = probe.ready();
            assertEquals("503 stopping\n", answer.status() + " " + answer.rest());
            int before = good.count();
            Thread.sleep(1_500); // so long it takes it at most to ask and to send nothing more
            await("requests are answered meanwhile").atMost(PATIENCE).pollInterval(POLL)
                    .until(() -> good.count() - before > PER_SECOND / 2);
            assertTrue(System.nanoTime() - told < Duration.ofSeconds(5).toNanos(), "all of it within the delay");
            assertTrue(Client.http(server.port(0)).get("/hello").isComplete("hello\n"), "on new connections, too");
            assertEquals(200, probe.live().status());
            good.stop();
            assertEquals(List.of(), GoodRequests.problems(good.takeOutcomes()));
            assertEquals(0, server.exitStatus());
            Duration took = Duration.ofNanos(System.nanoTime() - told);
            assertTrue(took.compareTo(Duration.ofSeconds(5)) >= 0 && took.compareTo(Duration.ofSeconds(10)) < 0,
                    took::toString);
            server.succeeded();
        }
    }

    @Test
    void whatComesInTheLastMomentIsAnswered() throws Exception {
        try (RunningServer server = start(2.5, "socket = app.sock\n")) {
            Client client = Client.uwsgi(server.folder().resolve("app.sock"));
            Path gate = server.folder().resolve("gate");
            server.signal("TERM");
            server.awaitLog("all workers serve on for 2500 ms", 1);
            Client.Sent last = client.send("/wait?until=" + gate);
            server.awaitLog("stopping, \\d+ connections open", 1); // the delay is over, and reload-mercy is not
            Files.createFile(gate);
            assertTrue(last.answer().isComplete("waited\n"));
            assertEquals(0, server.exitStatus());
            server.succeeded();
        }
    }

    @Test
    void secondSignalCutsItShort() throws Exception {
        try (RunningServer server = start(60, "")) {
            Client.Sent cut = Client.http(server.port(0)).send("/sleep?ms=30000");
            Client.http(server.port(0)).awaitRunning(1);
            server.signal("TERM");
            server.awaitLog("all workers serve on for 60 s", 1);
            assertTrue(Client.http(server.port(0)).get("/hello").isComplete("hello\n"));
            long before = System.nanoTime();
            server.signal("TERM");
            assertEquals(75, server.exitStatus());
            assertTrue(System.nanoTime() - before < Duration.ofSeconds(4).toNanos());
            assertEquals("", cut.answer().text());
            server.succeeded();
        }
    }

    @Test
    void aWorkerThatDiesMeanwhileIsReplaced() throws Exception {
        try (RunningServer server = start(60, "")) {
            server.signal("INT");
            server.awaitLog("all workers serve on", 1);
            RunningServer.signal("KILL", server.workers().getFirst());
            server.awaitReady(2);
            assertTrue(Client.http(server.port(0)).get("/hello").isComplete("hello\n"));
            assertFalse(Probe.of(server).isReady());
            server.signal("INT");
            assertEquals(75, server.exitStatus());
            server.succeeded();
        }
    }

    @Test
    void noReloadBeginsMeanwhile() throws Exception {
        try (RunningServer server = start(60, "")) {
            server.signal("TERM");
            server.awaitLog("all workers serve on", 1);
            server.signal("HUP");
            server.awaitLog("reload failed: the server stops", 1);
            assertEquals(0, server.matches("worker 1 gen 2").size());
            assertTrue(Client.http(server.port(0)).get("/hello").isComplete("hello\n"));
            server.signal("TERM");
            assertEquals(75, server.exitStatus());
            server.succeeded();
        }
    }

    @Test
    void aStartThatIsInterruptedIsNotDelayed() throws Exception {
        try (RunningServer server = RunningServer.start("http = 127.0.0.1:0\nshutdown-delay = 60\n"
                + RunningServer.TEST_APPLICATION.replace("TestApplication", "BrokenApplications$Endless"))) {
            server.awaitLog("loading for ever", 1);
            long before = System.nanoTime();
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            assertTrue(System.nanoTime() - before < Duration.ofSeconds(4).toNanos());
            server.succeeded();
        }
    }
}
