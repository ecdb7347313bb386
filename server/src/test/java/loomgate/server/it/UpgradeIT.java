package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `loomgate upgrade`: another program in the same process.
@Timeout(600)
class UpgradeIT {

    private static final int NOT_UPGRADED = 76;
    private static final String LISTENERS =
            "socket = app.sock\nsocket = 127.0.0.1:0\nhttp = 127.0.0.1:0\nchmod-socket = 666\n";

    @Test
    void aRequestThatIsUnderWayIsAnsweredByWhoHasIt() throws Exception {
        try (RunningServer server = start("")) {
            Path gate = server.folder().resolve("gate");
            Client client = Client.uwsgi(server.folder().resolve("app.sock"));
            Client.Sent slow = client.send("/wait?until=" + gate);
            client.awaitRunning(1);
            assertEquals(0, upgrade(server, "app.ini").status());
            Files.createFile(gate);
            assertTrue(slow.answer().isComplete("waited\n"));
            server.awaitLog("worker 1 gen 1 pid \\d+ ended: reload, exited with status 0", 1);
            server.assertStops();
        }
    }

    @Test
    void theNewProgramKnowsOfThoseThatEndedUnderTheOldOne() throws Exception {
        try (RunningServer server = start("")) {
            long killed = server.workers().getFirst();
            RunningServer.signal("KILL", killed);
            server.awaitReady(2);
            assertEquals(0, upgrade(server, "app.ini").status());
            Operator.run(server, "status", "app.ini").assertIs(0, "last ends:",
                    "pid " + killed + " ended: unexpected end, was killed by signal 9");
            server.assertStops();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"no jar", "a jar that is none", "a program that says no", "a wrong configuration"})
    void whatIsNotFitDoesNotTakeOver(String how) throws Exception {
        try (RunningServer server = start("processes = 2\n");
                GoodRequests good = GoodRequests.start(httpUri(server), "hello\n", 50)) {
            List<Long> workers = server.workers();
            Path jar = server.folder().resolve("loomgate.jar");
            String told = switch (how) {
                case "no jar" -> {
                    Files.delete(jar);
                    yield "Unable to access jarfile";
                }
                case "a jar that is none" -> {
                    replace(jar, "nonsense".getBytes(StandardCharsets.UTF_8));
                    yield "Invalid or corrupt jarfile";
                }
                case "a program that says no" -> {
                    install(server, "9.9", Map.of("loomgate/server/master/Heritage.class", new byte[0]));
                    yield "no upgrade";
                }
                default -> {
                    Files.writeString(server.folder().resolve("app.ini"),
                            Files.readString(server.folder().resolve("app.ini")) + "processess = 3\n");
                    yield "processess: no such option";
                }
            };
            Operator.Result result = Operator.run(server, "upgrade", Long.toString(server.pid()));
            assertEquals(NOT_UPGRADED, result.status(), result.output());
            assertTrue(result.output().contains(told), result.output());
            assertTrue(result.output().contains("the server goes on as it was"), result.output());
            assertEquals(workers, server.workers());
            good.assertAllGood("an upgrade");
            server.assertStops();
        }
    }

    @Test
    void oldWorkersServeOnUnderTheNewProgramIfNewOnesDoNotStart() throws Exception {
        try (RunningServer server = start("processes = 2\n");
                GoodRequests good = GoodRequests.start(httpUri(server), "hello\n", 50)) {
            List<Long> workers = server.workers();
            Path ini = server.folder().resolve("app.ini");
            Files.writeString(ini, Files.readString(ini).replace("TestApplication", "NoSuchApplication"));
            install(server, "9.1");
            Operator.Result result = upgrade(server, "app.ini");
            assertTrue(result.output().contains("generation 2 is not fit, generation 1 serves on"), result.output());
            assertEquals(70, result.status());
            assertTrue(Operator.run(server, "status", "app.ini").output().contains("loomgate 9.1"));
            await().atMost(Duration.ofSeconds(30)).until(() -> server.workers().equals(workers));
            good.assertAllGood("an upgrade");
            RunningServer.signal("KILL", workers.getFirst()); // and whoever follows is as the dead one was
            server.awaitLog("worker \\d gen 1 pid \\d+: ready after", 3);
            assertEquals("hello\n", Client.uwsgi(server.folder().resolve("app.sock")).get("/hello").body());
            server.assertStops();
        }
    }

    @Test
    void signalsOnTheWayAreNeitherLostNorDeadly() throws Exception {
        try (RunningServer server = start("logto = app.log\n")) {
            Path log = server.folder().resolve("app.log");
            install(server, "9.1");
            Process upgrading = Operator.start(server, "upgrade", "app.ini");
            awaitSuccessor(server);
            Files.move(log, server.folder().resolve("app.log.1"));
            server.signal("USR1");
            server.signal("HUP");
            Operator.Result result = Operator.result(upgrading);
            assertEquals(0, result.status(), result.output());
            awaitIn(log, "generation 3 serves with 1 workers");
            assertEquals(0, Operator.run(server, "status", "app.ini").status());
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            server.succeeded();
        }
    }

    @Test
    void stopOnTheWayStops() throws Exception {
        try (RunningServer server = start("pidfile = app.pid\nvacuum = true\n")) {
            Process upgrading = Operator.start(server, "upgrade", "app.ini");
            awaitSuccessor(server);
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            Operator.result(upgrading);
            assertTrue(Files.notExists(server.folder().resolve("app.pid")));
            assertTrue(Files.notExists(server.folder().resolve("app.sock")));
            server.succeeded();
        }
    }

    @Test
    void statusRefusesNobodyMeanwhile() throws Exception {
        try (RunningServer server = start("status = 127.0.0.1:0\n")) {
            Probe probe = Probe.of(server);
            await().atMost(Duration.ofSeconds(30)).until(probe::isReady);
            AtomicBoolean isOver = new AtomicBoolean();
            FutureTask<Integer> probes = new FutureTask<>(() -> {
                int answered = 0;
                while (!isOver.get()) {
                    try {
                        String answer = Client.http(probe.port()).get("/ready").text();
                        assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 200 "), answer);
                        answered += answer.isEmpty() ? 0 : 1;
                    } catch (SocketException e) {
                        assertFalse(e instanceof ConnectException, e::toString); // but cut, at that moment
                    }
                    Thread.sleep(1);
                }
                return answered;
            });
            Thread.ofVirtual().start(probes);
            assertEquals(0, upgrade(server, "app.ini").status());
            assertEquals(0, upgrade(server, "app.ini").status()); // by one that has inherited it
            isOver.set(true);
            assertTrue(probes.get() > 0);
            server.assertStops();
        }
    }

    @Test
    void programAndConfigurationAreThoseOfTheDirectoryThatIsThereNow() throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        Path release = folder.resolve("release");
        makeRelease(release);
        try (RunningServer server = RunningServer.startCommand(folder, release, command("app.ini")).awaitReady(1)) {
            Files.move(release, folder.resolve("release.old"));
            makeRelease(release);
            install(release, "9.7", Map.of());
            Operator.Result result = upgrade(server, Long.toString(server.pid()));
            assertEquals(0, result.status(), result.output());
            assertTrue(Operator.run(server, "status", Long.toString(server.pid())).output().contains("loomgate 9.7"));
            RunningServer.delete(folder.resolve("release.old"));
            assertEquals("hello\n", Client.http(server.port(0)).get("/hello").body());
            server.assertStops();
        }
    }

    private static void makeRelease(Path release) throws IOException {
        Files.createDirectory(release);
        Files.copy(RunningServer.JAR, release.resolve("loomgate.jar"));
        Files.writeString(release.resolve("app.ini"), "[uwsgi]\nhttp = 127.0.0.1:0\n" + RunningServer.TEST_APPLICATION);
    }

    @Test
    void anUpgradeIsPossibleWhenEachWorkerDies() throws Exception {
        try (RunningServer server = start("")) {
            String putOff = "keeps dying: the next start is in \\d+ ms";
            for (int killed = 0; server.matches(putOff).size() < 3; killed++) { // not for one that lived for long
                assertTrue(killed < 20, server::log);
                server.awaitReady(killed + 1);
                long worker = server.workers(1).getLast();
                RunningServer.signal("KILL", worker);
                server.awaitLog("pid " + worker + " ended: unexpected end", 1);
            }
            assertEquals(0, upgrade(server, "app.ini").status());
            assertEquals("hello\n", Client.uwsgi(server.folder().resolve("app.sock")).get("/hello").body());
            server.assertStops();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"as-successor 77", "as-candidate 77", "as-daemon 77", "as-successor 0", "as-candidate 0"})
    void wordsOfItsOwnAreRefusedFromOthers(String words) throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        makeRelease(folder.resolve("release"));
        Process process = new ProcessBuilder(command(("run " + words + " app.ini").split(" ")))
                .directory(folder.resolve("release").toFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true).start();
        Operator.Result result = Operator.result(process);
        assertTrue(result.status() != 0, result.output());
        assertTrue(!result.output().contains("\tat "), result.output());
        assertEquals(1, result.output().lines().count(), result.output());
        RunningServer.delete(folder);
    }

    @Test
    void whoAsksMayGoAway() throws Exception {
        try (RunningServer server = start("")) {
            install(server, "9.1");
            Process upgrading = Operator.start(server, "upgrade", "app.ini");
            server.awaitLog("the installed program is tried", 1);
            upgrading.destroyForcibly().waitFor();
            server.awaitLog("reload: generation 2 serves with 1 workers", 1);
            assertEquals("hello\n", Client.uwsgi(server.folder().resolve("app.sock")).get("/hello").body());
            assertEquals(0, upgrade(server, "app.ini").status(), "and somebody else may come");
            server.assertStops();
        }
    }

    @Test
    void anUpgradeAndAReloadAtOnceAreRefused() throws Exception {
        try (RunningServer server = start("warmup = GET /sleep?ms=3000\n")) {
            Process reloading = Operator.start(server, "reload", "app.ini");
            server.awaitLog("generation 2 is tried", 1);
            Operator.Result refused = Operator.run(server, "upgrade", "app.ini");
            assertEquals(NOT_UPGRADED, refused.status());
            assertTrue(refused.output().contains("a reload is under way; try again when it is done"), refused.output());
            assertEquals(0, Operator.result(reloading).status());
            server.assertStops();
        }
    }

    @Test
    void socketsOfSystemdGoAlong() throws Exception {
        try (HeldSockets held = new HeldSockets()) {
            Path path = held.unix("app.sock", "unix");
            int port = held.tcp("127.0.0.1", "tcp");
            try (RunningServer server = held.start("socket = app.sock\nhttp = systemd:tcp\nhttp = 127.0.0.1:0\n")) {
                server.awaitReady(1);
                for (int i = 1; i <= 2; i++) {
                    assertEquals(0, upgrade(server, "app.ini").status());
                    server.signal("HUP"); // which looks for the passed ones again
                    server.awaitLog("reload: generation " + (2 * i + 1) + " serves with 1 workers", 1);
                    assertTrue(Client.uwsgi(path).get("/hello").isComplete("hello\n"));
                    assertTrue(Client.http(port).get("/hello").isComplete("hello\n"));
                    assertTrue(Client.http(server.port(0)).get("/hello").isComplete("hello\n"));
                }
                server.signal("TERM");
                assertEquals(0, server.exitStatus());
                server.succeeded();
                assertTrue(Files.exists(path));
            }
        }
    }

    @Test
    void serverInTheBackgroundOfAnotherUserStaysOne() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can become another user");
        Path folder = Files.createTempDirectory("loomgate-it");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path classes = folder.resolve("classes/loomgate/server/it/app");
        Files.createDirectories(classes);
        try (Stream<Path> all = Files.list(RunningServer.TEST_CLASSES.resolve("loomgate/server/it/app"))) {
            for (Path one : all.toList()) {
                Files.copy(one, classes.resolve(one.getFileName()));
            }
        }
        Files.copy(RunningServer.JAR, folder.resolve("loomgate.jar"));
        Files.writeString(folder.resolve("app.ini"), "[uwsgi]\nuid = www-data\ndaemonize = app.log\npidfile = app.pid\n"
                + "vacuum = true\nhttp = app.sock\nmodule = loomgate.server.it.app.TestApplication\n"
                + "jvm-classpath = classes\njvm-opt = -Xmx128m\n");
        Operator.Result started = Operator.result(process(folder, "app.ini"));
        assertEquals(0, started.status(), started.output());
        long pid = Long.parseLong(Files.readString(folder.resolve("app.pid")).strip());
        try {
            assertEquals(0, Operator.result(process(folder, "upgrade", "app.pid")).status());
            assertEquals("www-data", ProcessHandle.of(pid).orElseThrow().info().user().orElseThrow());
            assertEquals("hello\n", Client.http(folder.resolve("app.sock")).get("/hello").body());
            assertTrue(Files.readString(folder.resolve("app.log")).contains("generation 2 serves with 1 workers"));
            Operator.Result stopped = Operator.result(process(folder, "stop", "app.pid"));
            assertEquals(0, stopped.status(), stopped.output());
            assertTrue(Files.notExists(folder.resolve("app.pid")) && Files.notExists(folder.resolve("app.sock")));
        } finally {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
        RunningServer.delete(folder);
    }

    /// A server whose program is a file of its own.
    static RunningServer start(String more) throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        Files.copy(RunningServer.JAR, folder.resolve("loomgate.jar"));
        Files.writeString(folder.resolve("app.ini"), "[uwsgi]\n" + LISTENERS + RunningServer.TEST_APPLICATION + more);
        RunningServer server = RunningServer.startCommand(folder, folder, command("app.ini"));
        if (more.contains("logto")) {
            awaitIn(folder.resolve("app.log"), "ready after");
            return server;
        }
        return server.awaitReady(more.contains("processes = 2") ? 2 : 1);
    }

    private static List<String> command(String... words) {
        List<String> command = new ArrayList<>(List.of(RunningServer.JAVA.toString(), "-Xmx64m", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-jar", "loomgate.jar"));
        command.addAll(List.of(words));
        return command;
    }

    /// Until the program has changed, and does not hear signals yet.
    private static void awaitSuccessor(RunningServer server) {
        await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(1)).until(() ->
                Files.readString(Path.of("/proc/" + server.pid() + "/cmdline")).contains("as-successor"));
    }

    private static void awaitIn(Path log, String text) {
        await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(5))
                .until(() -> Files.exists(log) && Files.readString(log).contains(text));
    }

    static Operator.Result upgrade(RunningServer server, String target) throws Exception {
        return Operator.run(server, "upgrade", target);
    }

    private static Process process(Path folder, String... words) throws IOException {
        return new ProcessBuilder(command(words)).directory(folder.toFile()).redirectErrorStream(true).start();
    }

    /// Puts another version in the place of the server's program, as a package manager does it.
    static void install(RunningServer server, String version) throws IOException {
        install(server, version, Map.of());
    }

    private static void install(RunningServer server, String version, Map<String, byte[]> changed) throws IOException {
        install(server.folder(), version, changed);
    }

    private static void install(Path folder, String version, Map<String, byte[]> changed) throws IOException {
        Path jar = folder.resolve("loomgate.jar");
        Path next = folder.resolve("loomgate.jar.new");
        try (JarFile old = new JarFile(RunningServer.JAR.toFile())) {
            Manifest manifest = old.getManifest();
            manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, version);
            try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(next), manifest)) {
                for (Enumeration<JarEntry> entries = old.entries(); entries.hasMoreElements();) {
                    JarEntry entry = entries.nextElement();
                    if (entry.getName().equals(JarFile.MANIFEST_NAME)) {
                        continue;
                    }
                    out.putNextEntry(new JarEntry(entry.getName()));
                    out.write(changed.containsKey(entry.getName())
                            ? changed.get(entry.getName()) : old.getInputStream(entry).readAllBytes());
                }
            }
        }
        Files.move(next, jar, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void replace(Path file, byte[] content) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.write(next, content);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static URI httpUri(RunningServer server) {
        return URI.create("http://127.0.0.1:" + server.port(1) + "/hello");
    }
}
