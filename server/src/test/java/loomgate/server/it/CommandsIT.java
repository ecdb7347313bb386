package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import loomgate.server.os.AbstractSocket;
import loomgate.server.os.Descriptor;
import loomgate.server.os.Sockets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `reload`, `stop`, `logreopen` and `status` with running servers, and with what only looks like one.
@Timeout(120)
class CommandsIT {

    private static final String ONE = "http = 127.0.0.1:0\n" + RunningServer.TEST_APPLICATION;

    private static RunningServer start(String ini) throws IOException {
        return RunningServer.start(ini).awaitReady(1);
    }

    private static String pidFile(RunningServer server, Object content) throws IOException {
        Files.writeString(server.folder().resolve("app.pid"), content.toString());
        return "app.pid";
    }

    @Test
    void aServerIsNamedByPidPidFileOrIni() throws Exception {
        try (RunningServer server = start(ONE)) {
            String pid = Long.toString(server.pid());
            String worker = server.workers().getFirst().toString();
            for (List<String> target : List.of(List.of(pid), List.of(pidFile(server, pid + "\n")), List.of("app.ini"),
                    List.of("--ini", "app.ini"), List.of("--ini=app.ini"), List.of("app.ini:uwsgi"),
                    List.of(server.folder().resolve("app.ini").toString()))) {
                List<String> words = new ArrayList<>(List.of("status"));
                words.addAll(target);
                Operator.run(server, words.toArray(String[]::new)).assertIs(0, "master pid " + pid,
                        server.folder().toRealPath().resolve("app.ini").toString(), "127.0.0.1:" + server.port(0),
                        worker, "serving");
            }
            Operator.run(server, "reload", "app.pid").assertIs(0, "generation 2 serves with 1 workers");
            server.awaitReady(2);
            Operator.run(server, "--reload", "app.pid").assertIs(0);
            server.awaitReady(3);
            server.awaitLog("ended: reload", 1); // which a reload does not wait for
            Operator.run(server, "status", pid).assertIs(0, "last ends:", "ended: reload");
            Operator.run(server, "logreopen", "app.ini").assertIs(0);
            Files.writeString(server.folder().resolve("app.ini"), "[uwsgi]\nnonsense\nmore nonsense\n");
            Operator.run(server, "stop", "app.ini").assertIs(0, "every request was answered");
            assertFalse(ProcessFiles.isAlive(server.pid()));
            assertEquals(0, server.exitStatus());
            Operator.run(server, "stop", "app.pid").assertIs(68, "there is no process " + pid, "stale");
            Operator.run(server, "stop", "--ini", "app.ini").assertIs(68, "no master runs with");
            server.succeeded();
        }
    }

    @Test
    void onlyTheOneThatIsMeantIsHit() throws Exception {
        try (RunningServer one = start(ONE); RunningServer other = start(ONE)) {
            Operator.run(one, "reload", "app.ini").assertIs(0);
            one.awaitReady(2);
            Operator.run(one, "stop", other.folder().resolve("app.ini").toString()).assertIs(0);
            assertFalse(ProcessFiles.isAlive(other.pid()));
            assertTrue(Client.http(one.port(0)).get("/hello").isComplete("hello\n"));
            assertEquals(1, other.matches("ready after").size());
            other.succeeded();
            Operator.run(one, "--stop", pidFile(one, one.pid())).assertIs(0);
            one.succeeded();
        }
    }

    @Test
    void severalOfOneIniAreToldApartByPid() throws Exception {
        try (RunningServer one = start(ONE);
                RunningServer other = RunningServer.startCommand(Files.createTempDirectory("loomgate-it"), one.folder(),
                        RunningServer.command("app.ini")).awaitReady(1)) {
            Operator.run(one, "stop", "app.ini")
                    .assertIs(68, "2 masters", Long.toString(one.pid()), Long.toString(other.pid()));
            Operator.run(one, "stop", Long.toString(other.pid())).assertIs(0);
            assertTrue(ProcessFiles.isAlive(one.pid()));
            other.succeeded();
            one.assertStops();
        }
    }

    @Test
    void strangersAreLeftAlone() throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        Process sleep = new ProcessBuilder("sleep", "600").start();
        try {
            long self = ProcessHandle.current().pid();
            for (String content : List.of(Long.toString(sleep.pid()), Long.toString(self), "1", "", "\n", "0", "-1",
                    "-" + sleep.pid(), sleep.pid() + " x", "garbage", "4194305", "99999999999")) {
                Path file = Files.writeString(folder.resolve("app.pid"), content);
                String word = content.length() % 2 == 0 ? "--stop" : "--reload";
                Operator.runIn(folder, word, "app.pid").assertIs(68, file.toString());
            }
            for (String pid : List.of("0", Long.toString(sleep.pid()))) {
                Operator.runIn(folder, "stop", pid).assertIs(68);
            }
            Operator.runIn(folder, "reload").assertIs(64);
            Operator.runIn(folder, "stop", "--naw", "1").assertIs(64);
            Operator.runIn(folder, "status", "--now", "1").assertIs(64);
            Operator.runIn(folder, "status", "missing.ini").assertIs(78, "no such file");
            Operator.runIn(folder, "logreopen", "no.pid").assertIs(68, "does not exist");
            assertTrue(sleep.isAlive());
        } finally {
            sleep.destroy();
            Files.deleteIfExists(folder.resolve("app.pid"));
            Files.delete(folder);
        }
    }

    @Test
    void whoHasTakenTheNameOfAnotherIsNotAsked() throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        Process sleep = new ProcessBuilder("sleep", "600").start();
        Descriptor listener = Sockets.bindAbstract("loomgate/" + sleep.pid());
        try {
            Sockets.listen(listener, 10);
            Operator.result(Operator.start(folder, List.of(), RunningServer.JAR, "stop", Long.toString(sleep.pid())))
                    .assertIs(68, "was taken by process " + ProcessHandle.current().pid());
        } finally {
            listener.close();
            sleep.destroy();
            Files.delete(folder);
        }
    }

    @Test
    void anIniBehindALinkIsTheSameWhereverThatLeads() throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        for (String release : List.of("41", "42")) {
            Path ini = Files.createDirectory(folder.resolve(release)).resolve("app.ini");
            Files.writeString(ini, "[uwsgi]\n" + ONE);
        }
        Path current = Files.createSymbolicLink(folder.resolve("current"), Path.of("41"));
        try (RunningServer server = RunningServer.startCommand(
                folder, folder, RunningServer.command("current/app.ini")).awaitReady(1)) {
            Files.delete(current);
            Files.createSymbolicLink(current, Path.of("42"));
            Operator.run(server, "status", "42/app.ini").assertIs(68, "no master runs with", "current/app.ini");
            Operator.run(server, "status", "41/app.ini").assertIs(0, "serving");
            Operator.run(server, "stop", "current/app.ini").assertIs(0);
            assertEquals(0, server.exitStatus());
            server.succeeded();
        }
    }

    @Test
    void withoutAMasterThereIsNobodyToAsk() throws Exception {
        try (RunningServer server = start("master = false\n" + ONE)) {
            Operator.run(server, "stop", "app.ini").assertIs(68, "master = false");
            Operator.run(server, "reload", Long.toString(server.pid())).assertIs(68, "master = false");
            Operator.run(server, "status", pidFile(server, server.pid())).assertIs(68, "master = false");
            assertTrue(Client.http(server.port(0)).get("/hello").isComplete("hello\n"));
            server.assertStops();
        }
    }

    @Test
    void aSuspendedMasterIsNotWaitedForWithoutEnd() throws Exception {
        try (RunningServer server = start(ONE)) {
            server.signal("STOP");
            Operator.run(server, "stop", "app.ini").assertIs(68, "does not answer");
            server.signal("CONT");
            server.assertStops();
        }
    }

    @Test
    void anotherUserIsDenied() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can become another user");
        Path folder = Files.createTempDirectory("loomgate-it");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path jar = Files.copy(RunningServer.JAR, folder.resolve("loomgate.jar"));
        try (RunningServer server = RunningServer.startIn(folder, ONE).awaitReady(1)) {
            List<String> nobody = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
            for (String word : List.of("reload", "stop", "logreopen", "status")) {
                for (String target : List.of(Long.toString(server.pid()), pidFile(server, server.pid()))) {
                    Operator.result(Operator.start(folder, nobody, jar, word, target)).assertIs(77, "obeys only");
                }
                Operator.result(Operator.start(folder, nobody, jar, word, "app.ini")).assertIs(68, "obeys only");
            }
            assertEquals(1, server.matches("ready after").size());
            server.assertStops();
        }
    }

    @Test
    void noClientKeepsOthersFromBeingHeard() throws Exception {
        try (RunningServer server = start(ONE)) {
            String name = "loomgate/" + server.pid();
            List<AbstractSocket> flood = new ArrayList<>();
            try {
                for (int i = 0; i < 300; i++) {
                    flood.add(AbstractSocket.connect(name));
                }
                Operator.run(server, "status", "app.ini").assertIs(0, "serving");
            } finally {
                for (AbstractSocket socket : flood) {
                    socket.close();
                }
            }
            for (String rude : List.of("", "\n", "stop", "sto\n", "stop\tnow\t\n", "\0\0\n", "x".repeat(100_000),
                    "reload")) {
                try (AbstractSocket socket = AbstractSocket.connect(name); OutputStream out = socket.output()) {
                    out.write(rude.getBytes(StandardCharsets.UTF_8));
                } catch (IOException _) {
                    // it does not listen to the end of it
                }
            }
            for (int i = 0; i < 1000; i++) {
                try (AbstractSocket socket = AbstractSocket.connect(name)) {
                    socket.output().write('s');
                }
            }
            Operator.run(server, "status", "app.ini").assertIs(0, "serving");
            assertEquals(1, server.matches("ready after").size());
            // a machine that is busy may be the cause of other warnings
            assertEquals(0, server.matches(" ERROR |a command could not be heard|a command failed|a fault of Loomgate")
                    .size(), server::log);
            server.assertStops();
        }
    }

    @Test
    void stopWaitsForRequestsAndForAllProcesses() throws Exception {
        try (RunningServer server = start("processes = 2\n" + ONE)) {
            server.awaitReady(2);
            Path go = server.folder().resolve("go");
            List<FutureTask<Client.Answer>> answers = Client.http(server.port(0)).start(10, "/wait?until=" + go);
            Client.http(server.port(0)).awaitRunning(10);
            List<Long> all = server.pids();
            assertEquals(3, all.size());
            List<Process> stops = patientStops(server);
            Files.createFile(go);
            for (Process stop : stops) {
                Operator.result(stop).assertIs(0, "every request was answered");
                assertEquals(List.of(), all.stream().filter(ProcessFiles::isAlive).toList());
            }
            for (FutureTask<Client.Answer> answer : answers) {
                assertTrue(answer.get(10, TimeUnit.SECONDS).isComplete("waited\n"));
            }
            assertEquals(0, server.exitStatus());
            server.succeeded();
        }
    }

    /// Two that wait for the end, when the master has heard both.
    private static List<Process> patientStops(RunningServer server) throws IOException {
        String pid = Long.toString(server.pid());
        List<Process> stops = List.of(Operator.start(server, "stop", pid), Operator.start(server, "stop", pid));
        for (Process stop : stops) {
            assertEquals("process " + pid + " stops when it has answered what it has", Operator.firstLine(stop));
        }
        return stops;
    }

    @Test
    void aStopThatMercyEndsSaysSo() throws Exception {
        try (RunningServer server = start("reload-mercy = 1\n" + ONE)) {
            Client.http(server.port(0)).start(1, "/wait?until=never");
            Client.http(server.port(0)).awaitRunning(1);
            Operator.run(server, "stop", "app.ini").assertIs(75, "cut short");
            assertFalse(ProcessFiles.isAlive(server.pid()));
            assertEquals(75, server.exitStatus());
            server.succeeded();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stopping", "serving"})
    void onlyNowHastensAStop(String state) throws Exception {
        try (RunningServer server = start(ONE)) {
            Client.http(server.port(0)).start(1, "/wait?until=never");
            Client.http(server.port(0)).awaitRunning(1);
            List<Process> patient = List.of();
            if (state.equals("stopping")) {
                patient = patientStops(server);
                await().atMost(Duration.ofSeconds(20)).until(() ->
                        Operator.run(server, "status", Long.toString(server.pid())).assertIs(0, "stopping") != null);
                assertEquals(0, server.matches("asked to stop again").size());
            }
            Operator.run(server, "stop", "--now", "app.ini").assertIs(75, "cut short");
            assertFalse(ProcessFiles.isAlive(server.pid()));
            for (Process stop : patient) {
                Operator.result(stop).assertIs(75, "cut short");
            }
            server.succeeded();
        }
    }

    @Test
    void aStopThatIsDelayedSaysSoAndIsWaitedFor() throws Exception {
        try (RunningServer server = start(ONE + "shutdown-delay = 5\n")) {
            long before = System.nanoTime();
            Process stop = Operator.start(server, "stop", "app.ini");
            server.awaitLog("all workers serve on", 1);
            Operator.run(server, "status", Long.toString(server.pid())).assertIs(0, "stopping in ", "serving");
            assertTrue(Client.http(server.port(0)).get("/hello").isComplete("hello\n"));
            Operator.result(stop).assertIs(0, "serves on for 5000 ms, and then stops", "every request was answered");
            assertTrue(System.nanoTime() - before > Duration.ofSeconds(5).toNanos());
            assertFalse(ProcessFiles.isAlive(server.pid()));
            assertEquals(0, server.exitStatus());
            server.succeeded();
        }
    }

    @Test
    void aDelayedStopThatIsJoinedByNowIsNoLongerDelayed() throws Exception {
        try (RunningServer server = start(ONE + "shutdown-delay = 60\n")) {
            Process patient = Operator.start(server, "stop", "app.ini");
            server.awaitLog("all workers serve on", 1);
            Process other = Operator.start(server, "stop", Long.toString(server.pid()));
            assertEquals("process " + server.pid() + " serves on for",
                    Operator.firstLine(other).replaceFirst(" for \\d+ s.*", " for"));
            assertEquals(0, server.matches("asked to stop again").size());
            Operator.run(server, "stop", "--now", "app.ini").assertIs(75);
            Operator.result(patient).assertIs(75);
            assertTrue(other.waitFor(30, TimeUnit.SECONDS));
            server.succeeded();
        }
    }

    @Test
    void aClientThatGoesAwayChangesNothing() throws Exception {
        try (RunningServer server = start(ONE)) {
            Path go = server.folder().resolve("go");
            FutureTask<Client.Answer> slow = Client.http(server.port(0)).start(1, "/wait?until=" + go).getFirst();
            Client.http(server.port(0)).awaitRunning(1);
            Process client = Operator.start(server, "stop", "app.ini");
            server.awaitLog("asked to stop", 1);
            client.destroyForcibly().waitFor();
            Files.createFile(go);
            assertTrue(slow.get(20, TimeUnit.SECONDS).isComplete("waited\n"));
            assertEquals(0, server.exitStatus());
            server.succeeded();
        }
    }

    @Test
    void aMasterThatIsKilledIsNotWaitedFor() throws Exception {
        try (RunningServer server = start(ONE)) {
            Client.http(server.port(0)).start(1, "/wait?until=never");
            Client.http(server.port(0)).awaitRunning(1);
            List<ProcessHandle> all = server.processes();
            Process stop = Operator.start(server, "stop", "app.ini");
            server.awaitLog("asked to stop", 1);
            server.signal("KILL");
            Operator.result(stop).assertIs(68, "ended before it answered");
            all.forEach(ProcessHandle::destroyForcibly);
            server.succeeded();
        }
    }
}
