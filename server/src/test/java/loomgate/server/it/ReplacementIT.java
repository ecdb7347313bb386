package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/// Workers that the master replaces, or ends, of its own accord.
@Isolated("what it measures takes the machine for itself")
@Timeout(300)
class ReplacementIT {

    private static final int RELOADS = 3;

    @Test
    void reloadsUnderLoadLoseNothing() throws Exception {
        try (RunningServer server = RunningServer.start(
                "http = 127.0.0.1:0\nsocket = app.sock\nprocesses = 2\n" + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(2);
            List<Long> old = server.workers();
            AtomicBoolean isOver = new AtomicBoolean();
            List<FutureTask<List<String>>> load = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Client client = i % 2 == 0
                        ? Client.http(server.port(0))
                        : Client.uwsgi(server.folder().resolve("app.sock"));
                FutureTask<List<String>> one = new FutureTask<>(() -> failuresUntil(isOver, client));
                Thread.ofVirtual().start(one);
                load.add(one);
            }
            FutureTask<Client.Answer> slow = Client.http(server.port(0)).start(1, "/sleep?ms=2000").getFirst();
            Client.http(server.port(0)).awaitRunning(1);
            for (int reload = 1; reload <= RELOADS; reload++) {
                server.signal("HUP");
                server.awaitLog("ended: reload, exited with status 0", 2 * reload);
            }
            assertTrue(slow.get(20, TimeUnit.SECONDS).isComplete("slept\n"));
            isOver.set(true);
            for (FutureTask<List<String>> one : load) {
                assertEquals(List.of(), one.get(20, TimeUnit.SECONDS));
            }
            assertEquals(2 + 2 * RELOADS, server.matches("ready after").size());
            assertFalse(server.workers().stream().anyMatch(old::contains));
            assertEquals(RELOADS, server.matches("reload: the configuration is read again")
                    .size());
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            server.succeeded();
        }
    }

    @Test
    void theSecondWorkerIsReplacedWhenTheFirstIsGone() throws Exception {
        try (RunningServer server =
                RunningServer.start("socket = app.sock\nprocesses = 2\n" + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(2);
            server.signal("HUP");
            server.awaitLog("ended: reload", 2);
            List<String> course = server.matches("worker (\\d) gen \\d pid \\d+(: spawned| ended)").stream()
                    .map(match -> match.group(1) + match.group(2)).toList();
            assertEquals(List.of("1: spawned", "2: spawned", "1: spawned", "1 ended", "2: spawned", "2 ended"), course);
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            server.succeeded();
        }
    }

    @Test
    void aStartThatTakesTooLongIsDumpedAndEndsTheServer() throws Exception {
        try (RunningServer server = RunningServer.start("socket = app.sock\nstart-timeout = 10\n"
                + RunningServer.TEST_APPLICATION.replace("TestApplication", "BrokenApplications$Endless"))) {
            assertEquals(70, server.exitStatus());
            assertTrue(server.firstLine("worker 1 .* is not ready after 10 s").isPresent(), server.log());
            assertTrue(server.firstLine("at loomgate.server.it.app.BrokenApplications\\$Endless.<init>").isPresent(),
                    server.log());
            assertTrue(server.firstLine("ended: start-timeout, was killed by signal 9").isPresent(), server.log());
            server.succeeded();
        }
    }

    /// What became of requests that were sent one after the other, if it was not what was expected.
    private static List<String> failuresUntil(AtomicBoolean isOver, Client client) {
        List<String> failures = new ArrayList<>();
        while (!isOver.get()) {
            try {
                Client.Answer answer = client.get("/hello");
                if (!answer.isComplete("hello\n")) {
                    failures.add("incomplete: " + answer.text());
                }
            } catch (IOException e) {
                failures.add(e.toString());
            }
        }
        return failures;
    }
}
