package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Applications that end, or would end, more than one request.
@Timeout(90)
class CrashIT {

    private static final String APPS = "loomgate.server.it.app.";

    /// The master's threads need more addresses than it may have for a while.
    @Test
    void masterThatCannotCreateThreadsGoesOn() throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        Files.writeString(folder.resolve("app.ini"),
                "[uwsgi]\n" + RunningServer.UNRULY_APPLICATION + "http-socket = 127.0.0.1:0\n");
        List<String> command = new ArrayList<>(RunningServer.command("app.ini"));
        command.add(1, "-XX:ThreadStackSize=262144"); // KB
        try (RunningServer server = RunningServer.startCommand(folder, folder, command).awaitReady(1)) {
            long worker = server.workers().getFirst();
            long least = limitAddresses(server, Long.MAX_VALUE);
            RunningServer.signal("TERM", worker); // which another is to follow
            String failure = "worker 1 cannot be started: pid \\d+ cannot be followed, and is killed";
            while (server.matches(failure).size() < 2) {
                least = limitAddresses(server, least); // a thread that has ended since leaves room for another
                Thread.sleep(50);
            }
            Client client = Client.http(server.port(0));
            assertTrue(client.get("/hello").isComplete("hello\n"));
            await().until(() -> server.workers().equals(List.of(worker)));
            limitAddresses(server, "unlimited");
            server.awaitReady(2);
            server.awaitLog("pid " + worker + " ended: asked to end, exited with status 0", 1);
            assertTrue(client.get("/hello").isComplete("hello\n"));
            server.assertStops();
        }
    }

    @Test
    void requestForWhichMemoryRunsOutIsA500AndItsWorkerIsReplaced() throws Exception {
        try (RunningServer server = unruly("jvm-opt = -Xmx64m\n")) {
            Client client = Client.http(server.port(0));
            List<FutureTask<Client.Answer>> innocent = client.start(5, "/sleep?ms=4000");
            client.awaitRunning(5); // one that has yet to load a class may be the one that finds no memory
            String answer = client.get("/allocate").text();
            assertTrue(answer.startsWith("HTTP/1.1 500 "), answer);
            server.awaitLog("ended: out of memory \\(request \\d+: GET /allocate from 127.0.0.1\\)", 1);
            for (FutureTask<Client.Answer> sleeper : innocent) {
                assertTrue(sleeper.get(20, TimeUnit.SECONDS).isComplete("slept\n"));
            }
            server.awaitReady(2);
            assertTrue(client.get("/hello").isComplete("hello\n"));
            server.assertStops();
        }
    }

    @Test
    void stackThatOverflowsIsA500AndNoMore() throws Exception {
        try (RunningServer server = unruly("")) {
            Client client = Client.http(server.port(0));
            assertTrue(client.get("/recurse").text().startsWith("HTTP/1.1 500 "));
            assertTrue(client.get("/hello").isComplete("hello\n"));
            assertEquals(1, server.matches("spawned").size());
            server.assertStops();
        }
    }

    @Test
    void exitOfTheApplicationIsNamedAndWaitsForTheOthers() throws Exception {
        try (RunningServer server = unruly("")) {
            Client client = Client.http(server.port(0));
            List<FutureTask<Client.Answer>> innocent = client.start(5, "/sleep?ms=4000");
            client.awaitRunning(5);
            String answer = client.get("/exit?status=3").text();
            assertTrue(answer.startsWith("HTTP/1.1 500 "), answer);
            for (FutureTask<Client.Answer> sleeper : innocent) {
                assertTrue(sleeper.get(20, TimeUnit.SECONDS).isComplete("slept\n"));
            }
            server.awaitLog("the application called System.exit: request \\d+: GET /exit\\?status=3 from 127.0.0.1 at "
                    + "loomgate.server.it.app.UnrulyApplication.exit\\(UnrulyApplication.java:\\d+\\)", 1);
            server.awaitLog("ended: System.exit \\(request [^\n]*\\), exited with status 3", 1);
            assertTrue(client.get("/hello").isComplete("hello\n"));
            server.assertStops();
        }
    }

    @Test
    void allWhoCallExitAreAnsweredAndNoneHoldsUpTheEnd() throws Exception {
        try (RunningServer server = unruly("reload-mercy = 20\n")) {
            for (FutureTask<Client.Answer> answer : Client.http(server.port(0)).start(3, "/exit?status=3")) {
                assertTrue(answer.get(15, TimeUnit.SECONDS).text().startsWith("HTTP/1.1 500 "));
            }
            server.awaitLog("ended: System.exit \\(request [^\n]*\\), exited with status 3, after (1\\d s|\\d+ ms)", 1);
            server.awaitLog("\\(HTTP/1.1 500\\)", 3);
            server.assertStops();
        }
    }

    @Test
    void haltOfTheApplicationIsNamedByTheMaster() throws Exception {
        try (RunningServer server = unruly("")) {
            Client client = Client.http(server.port(0));
            try {
                assertEquals("", client.get("/halt?status=4").text());
            } catch (IOException _) {
                // a reset, as there was no time for a proper end
            }
            server.awaitLog("exited with status 4 without a word: Runtime.halt by the application", 1);
            server.awaitReady(2);
            assertTrue(client.get("/hello").isComplete("hello\n"));
            server.assertStops();
        }
    }

    @Test
    void constructorThatExitsEndsTheFirstStart() throws Exception {
        try (RunningServer server = start("BrokenApplications$Exiting", "")) {
            assertEquals(22, server.exitStatus());
            assertEquals(1, server.matches("the application called System.exit: thread main at "
                    + "loomgate.server.it.app.BrokenApplications\\$Exiting.<init>").size(), server::log);
            server.succeeded();
        }
    }

    @Test
    void applicationThatExitsWhenItIsClosedHoldsNothingUp() throws Exception {
        try (RunningServer server = start("BrokenApplications$ExitingWhenClosed", "reload-mercy = 20\n")) {
            server.awaitReady(1);
            long before = System.nanoTime();
            server.assertStops();
            assertTrue(Duration.ofNanos(System.nanoTime() - before).toSeconds() < 10);
        }
    }

    @Test
    void constructorThatHangsEndsTheFirstStartInTime() throws Exception {
        try (RunningServer server = start("BrokenApplications$Endless", "start-timeout = 10\n")) {
            assertEquals(70, server.exitStatus());
            assertTrue(server.log().contains("start-timeout"), server::log);
            assertTrue(server.log().contains("at loomgate.server.it.app.BrokenApplications$Endless.<init>"),
                    "its threads are dumped");
            server.succeeded();
        }
    }

    @Test
    void applicationThatStartsEveryOtherTimeIsTriedAgain() throws Exception {
        try (RunningServer server = start("BrokenApplications$EveryOtherTime", "")) {
            server.awaitReady(1);
            RunningServer.signal("KILL", server.workers().getFirst());
            server.awaitLog("ended: failed start, exited with status 22 before it was ready", 1);
            server.awaitReady(2);
            assertTrue(Client.http(server.port(0)).get("/").text().startsWith("HTTP/1.1 200 "));
            server.assertStops();
        }
    }

    @Test
    void brokenSuccessorNeverTakesTheServingOnesPlace() throws Exception {
        try (RunningServer server = start("BrokenApplications$EveryOtherTime", "")) {
            server.awaitReady(1);
            long first = server.workers().getFirst();
            RunningServer.signal("TERM", first);
            server.awaitLog("ended: failed start", 1);
            assertTrue(Client.http(server.port(0)).get("/").text().startsWith("HTTP/1.1 200 "));
            server.awaitLog("pid " + first + " ended: asked to end, exited with status 0", 1);
            assertEquals(2, server.matches("ready after").size());
            server.assertStops();
        }
    }

    @Test
    void workerThatHangsAsAWholeIsDumpedReplacedAndKilled() throws Exception {
        try (RunningServer server = unruly("worker-timeout = 2\n")) {
            Client client = Client.http(server.port(0));
            assertTrue(client.get("/hello").isComplete("hello\n"));
            long worker = server.workers().getFirst();
            RunningServer.signal("STOP", worker);
            server.awaitLog("pid " + worker + " ended: unresponsive", 1);
            assertTrue(client.get("/hello").isComplete("hello\n"));
            await().atMost(Duration.ofSeconds(5)).until(() -> !server.workers().contains(worker));
            server.assertStops();
        }
    }

    @Test
    void workerTimeoutOfAReloadCountsFromReadyOn() throws Exception {
        try (RunningServer server = unruly("worker-timeout = 30\n")) {
            Path ini = server.folder().resolve("app.ini");
            Files.writeString(ini, Files.readString(ini).replace("worker-timeout = 30", "worker-timeout = 2"));
            server.signal("HUP");
            server.awaitLog("worker 1 gen 2 pid \\d+: ready after", 1);
            long worker = server.workers(2).getFirst();
            RunningServer.signal("STOP", worker);
            await().atMost(Duration.ofSeconds(20)).until(() -> !server.matches(
                    "pid " + worker + " did not say within worker-timeout that it is alive").isEmpty());
            server.awaitLog("pid " + worker + " ended: unresponsive", 1);
            server.assertStops();
        }
    }

    @Test
    void withoutAMasterTheProcessEndsWhenItIsNotWhatItWas() throws Exception {
        try (RunningServer server = unruly("master = false\nmax-requests = 10\n")) {
            Client client = Client.http(server.port(0));
            for (int i = 1; i < 10; i++) {
                assertTrue(client.get("/hello").isComplete("hello\n"));
            }
            boolean isTenthAnswered = answers(client);
            assertEquals(0, server.exitStatus());
            // a tenth earlier is allowed
            server.awaitLog("ends: max-requests, " + (isTenthAnswered ? "(9|10)" : "9") + " requests", 1);
            server.succeeded();
        }
    }

    private static boolean answers(Client client) {
        try {
            return client.get("/hello").isComplete("hello\n");
        } catch (IOException _) {
            return false;
        }
    }

    private static RunningServer unruly(String more) throws Exception {
        return RunningServer.start("http = 127.0.0.1:0\n" + more + RunningServer.UNRULY_APPLICATION).awaitReady(1);
    }

    private static RunningServer start(String application, String more) throws Exception {
        return RunningServer.start("http = 127.0.0.1:0\n" + more + "module = " + APPS + application
                + "\njvm-classpath = " + RunningServer.TEST_CLASSES + "\n");
    }

    /// To what it has and a bit, but no stack of a thread, if that is less than the limit that it has. Returns the one
    /// that it has then.
    private static long limitAddresses(RunningServer server, long limit) throws IOException, InterruptedException {
        String pages = Files.readString(Path.of("/proc/" + server.pid() + "/statm")).split(" ")[0];
        long wanted = Long.parseLong(pages) * 4096 + (64 << 20);
        if (wanted < limit) {
            limitAddresses(server, Long.toString(wanted));
        }
        return Math.min(wanted, limit);
    }

    private static void limitAddresses(RunningServer server, String bytes) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder("prlimit", "--pid", Long.toString(server.pid()), "--as=" + bytes + ":")
                .inheritIO().start().waitFor());
    }
}
