package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/// Processes that do not run for a while, and what the master makes of it.
@Isolated("what it measures takes the machine for itself")
@Timeout(90)
class PauseIT {

    @Test
    void ofTheWholeServerCostsNobodyHisPlace() throws Exception {
        try (RunningServer server = server("processes = 2\nworker-timeout = 2\n").awaitReady(2)) {
            Client client = Client.http(server.port(0));
            List<Long> workers = server.workers();
            pause(server, 5_000);
            server.awaitLog("did not run for \\d+ ms", 1);
            assertTrue(client.get("/hello").isComplete("hello\n"));
            TimeUnit.SECONDS.sleep(3); // the workers' timeout, and more
            assertEquals(workers, server.workers());
            assertEquals(0, server.matches("did not say within").size());
            server.assertStops();
        }
    }

    @Test
    void ofTheWholeServerWhileItStartsIsNoStart() throws Exception {
        try (RunningServer server = server("start-timeout = 12\n")) {
            server.awaitLog("spawned", 1);
            pause(server, 14_000);
            server.awaitReady(1);
            server.assertStops();
        }
    }

    /// It has not said that it is alive yet, but for being ready.
    @Test
    void ofAWorkerThatHasJustBecomeReadyIsNoticed() throws Exception {
        try (RunningServer server = server("processes = 2\nworker-timeout = 2\n")) {
            server.awaitLog("worker 2 gen 1 pid \\d+: spawned", 1); // the first is known to be ready
            long first = Long.parseLong(server.matches("worker 1 gen 1 pid (\\d+): spawned").getFirst().group(1));
            RunningServer.signal("STOP", first);
            server.awaitLog("pid " + first + " ended: unresponsive", 1);
            server.assertStops();
        }
    }

    private static void pause(RunningServer server, long ms) throws IOException, InterruptedException {
        long[] all = LongStream.concat(
                server.workers().stream().mapToLong(Long::longValue), LongStream.of(server.pid())).toArray();
        RunningServer.signal("STOP", all);
        TimeUnit.MILLISECONDS.sleep(ms);
        RunningServer.signal("CONT", all);
        await().until(() -> server.processes().stream().allMatch(ProcessHandle::isAlive));
    }

    private static RunningServer server(String more) throws IOException {
        return RunningServer.start(RunningServer.UNRULY_APPLICATION + "http-socket = 127.0.0.1:0\n" + more);
    }
}
