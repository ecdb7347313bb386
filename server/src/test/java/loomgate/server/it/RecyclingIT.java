package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/// Workers that have used up what they may: replaced without a loss.
@Isolated("what it measures takes the machine for itself")
@Timeout(300)
class RecyclingIT {

    private static final int PROCESSES = 2;
    private static final String REPLACED = "ended: max-requests \\(\\d+ requests\\), exited with status 0";
    private static final String REPLACED_FOR_ITS_MEMORY = "ended: reload-on-rss \\(address space \\d+ MB, "
            + "rss 2[5-9]\\d MB, heap used \\d+ MB after a full collection\\), exited with status 0";

    @Test
    void maxRequestsReplacesOneWorkerAfterTheOtherWithoutALoss() throws Exception {
        int limit = Soak.of(100, 500);
        int requests = Soak.of(1_000, 20_000);
        try (RunningServer server = start("max-requests = " + limit + "\n" + RunningServer.TEST_APPLICATION);
                Nginx nginx = inFrontOf(server);
                GoodRequests good = GoodRequests.startPosting(nginx.uri("/checksum"), Soak.of(100, 250))) {
            List<GoodRequests.Outcome> outcomes = outcomes(good, requests, server, REPLACED, Soak.of(3, 0));
            assertEquals(List.of(), GoodRequests.problems(outcomes));
            int replacements = server.matches(REPLACED).size();
            System.out.println(outcomes.size() + " requests, " + replacements + " workers replaced, the slowest took "
                    + GoodRequests.slowest(outcomes).toMillis() + " ms");
            int most = outcomes.size() / (limit - limit / 10);
            int least = Soak.IS_FULL ? most * 7 / 10 : 3;
            assertTrue(replacements >= least && replacements <= most, replacements + " of " + most);
            assertEnoughWorkersAllTheTime(server);
            server.assertStops();
        }
    }

    @Test
    void workerThatLeaksIsReplacedWhenItHasTooMuchMemory() throws Exception {
        try (RunningServer server = start("reload-on-rss = 250\njvm-opt = -Xmx600m\njvm-opt = -Xms32m\n"
                + RunningServer.UNRULY_APPLICATION);
                Nginx nginx = inFrontOf(server);
                GoodRequests good = GoodRequests.start(nginx.uri("/leak?kb=256"), "\\d+\n", 200)) {
            List<GoodRequests.Outcome> outcomes =
                    outcomes(good, Soak.of(4_000, 20_000), server, REPLACED_FOR_ITS_MEMORY, Soak.of(2, 0));
            assertEquals(List.of(), GoodRequests.problems(outcomes));
            int replacements = server.matches(REPLACED_FOR_ITS_MEMORY).size();
            System.out.println(outcomes.size() + " leaking requests, " + replacements
                    + " workers replaced, the slowest took " + GoodRequests.slowest(outcomes).toMillis() + " ms");
            assertTrue(replacements >= Soak.of(2, 10), server.log());
            assertEnoughWorkersAllTheTime(server);
            server.assertStops();
        }
    }

    @Test
    void whatIsOnlyGarbageIsNoReasonToGo() throws Exception {
        try (RunningServer server = RunningServer.start("http = 127.0.0.1:0\nreload-on-rss = 250\njvm-opt = -Xmx600m\n"
                + "jvm-opt = -Xmn400m\njvm-opt = -Xms420m\n" + RunningServer.UNRULY_APPLICATION)) {
            server.awaitReady(1);
            Client client = Client.http(server.port(0));
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                for (int i = 0; i < 50; i++) {
                    client.get("/garbage?kb=1024");
                }
                return !server.matches("memory was above its limit|ended: reload-on-rss").isEmpty();
            });
            // a young generation that was touched stays resident: what counts is that a collection is asked first
            server.awaitLog("after a full collection", 1);
            server.assertStops();
        }
    }

    @Test
    void lifetimeEndsOneWorkerAfterTheOther() throws Exception {
        try (RunningServer server = start("max-worker-lifetime = 3\n" + RunningServer.TEST_APPLICATION);
                Nginx nginx = inFrontOf(server);
                GoodRequests good = GoodRequests.startPosting(nginx.uri("/checksum"), 50)) {
            server.awaitLog("ended: max-worker-lifetime, exited with status 0", 3);
            good.stop();
            assertEquals(List.of(), GoodRequests.problems(good.takeOutcomes()));
            assertEnoughWorkersAllTheTime(server);
            server.assertStops();
        }
    }

    @Test
    void evilLimitKillsAtOnce() throws Exception {
        try (RunningServer server = RunningServer.start("http = 127.0.0.1:0\nevil-reload-on-rss = 250\n"
                + "jvm-opt = -Xmx600m\n" + RunningServer.UNRULY_APPLICATION)) {
            server.awaitReady(1);
            Client client = Client.http(server.port(0));
            for (int i = 0; i < 100 && server.matches("EVIL RELOAD").isEmpty(); i++) {
                try {
                    client.get("/leak?kb=2048");
                } catch (IOException _) {
                    // it was killed meanwhile
                }
            }
            server.awaitLog("\\*\\*\\* EVIL RELOAD ON WORKER 1 RSS: \\d+ \\(pid: \\d+\\) \\*\\*\\*", 1);
            server.awaitLog("ended: evil-reload-on-rss", 1);
            server.awaitReady(2);
            assertTrue(client.get("/hello").isComplete("hello\n"));
            server.assertStops();
        }
    }

    @Test
    void evilLimitThatAReloadBringsKillsAWorkerThatSaysNothingItself() throws Exception {
        try (RunningServer server = RunningServer.start("http = 127.0.0.1:0\nworker-timeout = 300\n"
                + "jvm-opt = -Xmx600m\n" + RunningServer.UNRULY_APPLICATION)) {
            server.awaitReady(1);
            Client client = Client.http(server.port(0));
            for (int i = 0; i < 150; i++) {
                client.get("/leak?kb=2048");
            }
            long worker = server.workers().getFirst();
            RunningServer.signal("STOP", worker);
            Path ini = server.folder().resolve("app.ini");
            Files.writeString(ini, Files.readString(ini) + "evil-reload-on-rss = 250\n");
            server.signal("HUP");
            server.awaitReady(2);
            server.awaitLog("\\*\\*\\* EVIL RELOAD ON WORKER 1 RSS: \\d+ \\(pid: " + worker + "\\) \\*\\*\\*", 1);
            server.awaitLog("pid " + worker + " ended: evil-reload-on-rss", 1);
            assertTrue(client.get("/hello").isComplete("hello\n"));
            server.assertStops();
        }
    }

    /// Of so many requests at least, and of those that come until the log has so many lines: a busy machine may answer
    /// all of them before it has started the workers that they cost.
    private static List<GoodRequests.Outcome> outcomes(GoodRequests good, int atLeast, RunningServer server,
            String line, int lines) throws InterruptedException {
        await().atMost(Duration.ofSeconds(250))
                .until(() -> good.count() >= atLeast && server.matches(line).size() >= lines);
        good.stop();
        return good.takeOutcomes();
    }

    /// From the log: once all workers were there, none of them drained before another was ready.
    private static void assertEnoughWorkersAllTheTime(RunningServer server) {
        int serving = 0;
        boolean hasBegun = false;
        for (String line : server.log().lines().toList()) {
            if (line.matches(".*: ready after \\d+ ms")) {
                serving++;
            } else if (line.matches(".*: draining, \\d+ connections open")) {
                serving--;
            }
            hasBegun |= serving == PROCESSES;
            assertTrue(!hasBegun || serving >= PROCESSES && serving <= PROCESSES + 1, line);
        }
    }

    private static RunningServer start(String ini) throws Exception {
        return RunningServer.start("socket = app.sock\nchmod-socket = 666\nprocesses = " + PROCESSES + "\n" + ini)
                .awaitReady(PROCESSES);
    }

    private static Nginx inFrontOf(RunningServer server) throws Exception {
        Path socket = server.folder().resolve("app.sock");
        return Nginx.start("", "include uwsgi_params; uwsgi_pass unix:" + socket + ";");
    }
}
