package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.function.UnaryOperator;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// New releases of the application, good and broken ones.
@Timeout(600)
class ReloadIT {

    private static final int RATE = Soak.of(25, 100); // a second, of GET and of POST each
    private static final String APPLICATION = "loomgate/server/it/app/TestApplication.class";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /// Somebody else's listener.
    private Optional<ServerSocket> other = Optional.empty();

    @AfterEach
    void closeOther() throws IOException {
        if (other.isPresent()) {
            other.get().close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bad INI", "missing class", "throwing constructor", "hanging constructor",
            "failing warm-up", "truncated jar", "overwritten jar", "missing jar", "address in use", "unreadable INI"})
    void brokenReleaseIsRefusedAndTheOldOneServes(String how) throws Exception {
        try (RunningServer server = start("processes = 2\n");
                Nginx nginx = inFrontOf(server, "uwsgi_pass unix:FOLDER/app.sock");
                GoodRequests gets = GoodRequests.start(nginx.uri("/hello"), "hello\n", RATE);
                GoodRequests posts = GoodRequests.startPosting(nginx.uri("/checksum"), RATE)) {
            List<Long> workers = server.workers();
            String cause = breakRelease(server, how);
            Operator.Result result = Operator.run(server, "reload", Long.toString(server.pid()));
            assertNotEquals(0, result.status());
            assertTrue(Pattern.compile(cause).matcher(result.output()).find(), result.output());
            server.awaitLog("reload failed: [^\n]*" + cause, 1);
            await().atMost(PATIENCE).until(() -> server.workers().equals(workers));
            gets.assertAllGood("a refused reload");
            posts.assertAllGood("a refused reload");
            RunningServer.signal("KILL", workers.getFirst()); // and whoever follows is of the old one, too
            server.awaitReady(3);
            assertEquals("hello\n", Client.uwsgi(server.folder().resolve("app.sock")).get("/hello").body());
            assertEquals(1, copies(server));
            server.assertStops();
        }
    }

    /// Returns what will be said about it.
    private String breakRelease(RunningServer server, String how) throws IOException {
        Path jar = server.folder().resolve("app.jar");
        return switch (how) {
            case "bad INI" -> {
                change(server, ini -> ini + "processess = 3\n");
                yield "processess: no such option";
            }
            case "unreadable INI" -> {
                Files.delete(server.folder().resolve("app.ini"));
                yield "app.ini";
            }
            case "missing class" -> {
                change(server, ini -> ini.replace("TestApplication", "NoSuchApplication"));
                yield "generation 2 is not fit, generation 1 serves on: .*exited with status 22";
            }
            case "throwing constructor" -> {
                change(server,
                        ini -> ini.replace("TestApplication", "BrokenApplications\\$Throwing".replace("\\", "")));
                yield "generation 2 is not fit, generation 1 serves on: .*exited with status 22";
            }
            case "hanging constructor" -> {
                // no more time for this one; the first was to have as much as it needs
                change(server, ini -> ini.replace("TestApplication", "BrokenApplications$Endless")
                        + "start-timeout = 5\n");
                yield "generation 2 is not fit, generation 1 serves on: .*start-timeout";
            }
            case "failing warm-up" -> {
                change(server, ini -> ini + "warmup = GET /hello\nwarmup = GET /throw\n");
                yield "generation 2 is not fit, generation 1 serves on: .*exited with status 22";
            }
            case "truncated jar" -> {
                byte[] bytes = Files.readAllBytes(jar);
                Files.write(jar, Arrays.copyOf(bytes, bytes.length / 2)); // in place, while it is in use
                yield "generation 2 is not fit, generation 1 serves on: .*exited with status 22";
            }
            case "overwritten jar" -> {
                byte[] bytes = new byte[(int) Files.size(jar)];
                new Random(4).nextBytes(bytes);
                Files.write(jar, bytes); // in place, while it is in use
                yield "generation 2 is not fit, generation 1 serves on: .*exited with status 22";
            }
            case "missing jar" -> {
                Files.delete(jar);
                yield "jvm-classpath = \\S*app.jar: there is no such file or directory";
            }
            case "address in use" -> {
                ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                other = Optional.of(busy);
                change(server, ini -> ini + "http = 127.0.0.1:" + busy.getLocalPort() + "\n");
                yield "cannot listen on 127.0.0.1:\\d+: another server listens there";
            }
            default -> throw new AssertionError(how);
        };
    }

    @Test
    void warmUpComesBeforeAnyOtherRequest() throws Exception {
        try (RunningServer server = start("warmup = GET /hello\nwarmup = GET /large?bytes=1000000\n")) {
            assertTrue(Client.uwsgi(server.folder().resolve("app.sock")).get("/echo/first").text()
                    .startsWith("HTTP/1.1 200 "));
            server.awaitLog("\\|req: 1/1] [^\n]* GET /hello => ", 1);
            server.awaitLog("\\|req: 2/2] [^\n]* GET /large\\?bytes=1000000 => generated 1000000 bytes", 1);
            server.awaitLog("\\|req: 3/3] [^\n]* GET /echo/first => ", 1);
            server.assertStops();
        }
    }

    @Test
    void listenersAndWorkersComeAndGoWithTheConfiguration() throws Exception {
        try (RunningServer server = start("processes = 2\n")) {
            Path first = server.folder().resolve("app.sock");
            Path second = server.folder().resolve("second.sock");
            change(server, ini -> ini.replace("processes = 2", "processes = 3") + "http = second.sock\n");
            server.signal("HUP");
            server.awaitLog("reload: generation 2 serves with 3 workers", 1);
            assertEquals("hello\n", Client.http(second).get("/hello").body());
            assertEquals("hello\n", Client.uwsgi(first).get("/hello").body());
            await().atMost(PATIENCE).until(() -> server.workers().size() == 3);

            change(server, ini -> ini.replace("processes = 3", "processes = 1").replace("socket = app.sock\n", ""));
            server.signal("HUP");
            server.awaitLog("reload: generation 3 serves with 1 workers", 1);
            server.awaitLog("no longer listening on \\S+app.sock", 1);
            assertEquals("hello\n", Client.http(second).get("/hello").body());
            await().atMost(PATIENCE).until(() -> server.workers().size() == 1);
            server.assertStops();
        }
    }

    @Test
    void whatOnlyARestartCanChangeIsTold() throws Exception {
        try (RunningServer server = start("")) {
            change(server, ini -> ini + "listen = 77\n");
            server.signal("HUP");
            server.awaitLog("reload: listen has changed, which takes a restart to have an effect", 1);
            server.awaitLog("reload: generation 2 serves with 1 workers", 1);
            server.assertStops();
        }
    }

    @Test
    void aSecondReloadMeanwhileFollowsOnce() throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        Path gate = Files.createFile(folder.resolve("gate"));
        try (RunningServer server = startIn(folder, "processes = 2\nwarmup = GET /wait?until=" + gate + "\n")) {
            Files.delete(gate); // which holds the trial open
            server.signal("HUP");
            server.awaitLog("generation 2 is tried with one worker", 1);
            for (int i = 0; i < 4; i++) {
                server.signal("HUP");
                Thread.sleep(20); // signals that come together are one
            }
            Operator.run(server, "status", "app.ini").assertIs(0); // the master is asked behind the signals
            Files.createFile(gate);
            server.awaitLog("reload: generation 3 serves with 2 workers", 1);
            Thread.sleep(1_000); // long enough for another to begin
            assertEquals(2, server.matches("reload: the configuration is read again").size());
            server.assertStops();
        }
    }

    @Test
    void touchedFileReloads() throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        Path touched = folder.resolve("reload");
        try (RunningServer server = startIn(folder, "touch-reload = reload\n")) {
            Files.createFile(touched);
            server.awaitLog("reload: generation 2 serves with 1 workers", 1);
            Files.setLastModifiedTime(touched, FileTime.from(Instant.now().plusSeconds(5)));
            server.awaitLog("reload: generation 3 serves with 1 workers", 1);
            server.assertStops();
        }
    }

    @Test
    void stopDuringAReloadStops() throws Exception {
        try (RunningServer server = start("processes = 2\n")) {
            server.signal("HUP");
            server.awaitLog("generation 2 is tried", 1);
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            assertFalse(Files.exists(copiesOf(server)));
            server.succeeded();
        }
    }

    @Test
    void stopDuringTheTrialOfAnotherListenerClosesItOnce() throws Exception {
        try (RunningServer server = start("vacuum = true\n")) {
            Path first = server.folder().resolve("app.sock");
            Path second = server.folder().resolve("second.sock");
            change(server, ini ->
                    ini.replace("TestApplication", "BrokenApplications$Endless") + "http = second.sock\n");
            server.signal("HUP");
            server.awaitLog("loading for ever", 1);
            assertTrue(Files.exists(second));
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            assertEquals(List.of("reload failed: the server stops"), errors(server));
            assertFalse(Files.exists(first));
            assertFalse(Files.exists(second));
            server.succeeded();
        }
    }

    @Test
    void stopWhileAWorkerDrainsThatHasTheLastOfAListenerClosesItOnce() throws Exception {
        try (RunningServer server = start("vacuum = true\n")) {
            Path first = server.folder().resolve("app.sock");
            Path second = server.folder().resolve("second.sock");
            Client client = Client.uwsgi(first);
            FutureTask<Client.Answer> answer = client.start(1, "/sleep?ms=5000").getFirst();
            client.awaitRunning(1);
            change(server, ini -> ini.replace("socket = app.sock\n", "socket = second.sock\n"));
            server.signal("HUP");
            server.awaitLog("reload: generation 2 serves with 1 workers", 1);
            server.signal("TERM");
            assertEquals("slept\n", answer.get().body());
            assertEquals(0, server.exitStatus());
            assertEquals(List.of(), errors(server));
            assertFalse(Files.exists(first));
            assertFalse(Files.exists(second));
            server.succeeded();
        }
    }

    private static List<String> errors(RunningServer server) {
        return server.matches(" ERROR ([^\n]*)").stream().map(line -> line.group(1)).toList();
    }

    @Test
    void listenersThatComeAndGoLeaveNoDescriptors() throws Exception {
        try (RunningServer server = start("")) {
            addAndRemoveAListener(server, 1); // the first time classes are loaded for it
            long before = ProcessFiles.descriptors(server.pid());
            for (int round = 2; round <= 6; round++) {
                addAndRemoveAListener(server, round);
            }
            await().atMost(Duration.ofSeconds(5)).untilAsserted(() ->
                    assertEquals(before, ProcessFiles.descriptors(server.pid())));
            server.assertStops();
        }
    }

    private static void addAndRemoveAListener(RunningServer server, int round) throws Exception {
        change(server, ini -> ini + "http = second.sock\n");
        server.signal("HUP");
        server.awaitLog("reload: generation " + 2 * round + " serves with 1 workers", 1);
        change(server, ini -> ini.replace("http = second.sock\n", ""));
        server.signal("HUP");
        server.awaitLog("reload: generation " + (2 * round + 1) + " serves with 1 workers", 1);
        server.awaitLog("no longer listening on \\S+second.sock", round);
    }

    @Test
    void copiesOfAMasterThatWasKilledAreRemovedByTheNext() throws Exception {
        Path temporary = Files.createTempDirectory("loomgate-it"); // or any other server's start would remove them
        Path left;
        try (RunningServer server = startWithCopiesIn(temporary)) {
            left = copiesOf(temporary, server);
            assertTrue(Files.exists(left));
            List<Long> all = server.pids();
            server.signal("KILL");
            await().atMost(PATIENCE).until(() -> all.stream().noneMatch(ProcessFiles::isAlive));
            server.succeeded();
        }
        assertTrue(Files.exists(left));
        try (RunningServer server = startWithCopiesIn(temporary)) {
            assertFalse(Files.exists(left));
            server.assertStops();
        }
        RunningServer.delete(temporary);
    }

    private static RunningServer startWithCopiesIn(Path temporary) throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        prepare(folder, "");
        List<String> command = RunningServer.command("app.ini");
        command.add(1, "-Djava.io.tmpdir=" + temporary);
        return RunningServer.startCommand(folder, folder, command).awaitReady(1);
    }

    private static void change(RunningServer server, UnaryOperator<String> change) throws IOException {
        Path ini = server.folder().resolve("app.ini");
        Files.writeString(ini, change.apply(Files.readString(ini)));
    }

    /// A server whose application is a jar of its own.
    static RunningServer start(String more) throws Exception {
        return startIn(Files.createTempDirectory("loomgate-it"), more);
    }

    private static RunningServer startIn(Path folder, String more) throws Exception {
        prepare(folder, more);
        return RunningServer.startCommand(folder, folder, RunningServer.command("app.ini"))
                .awaitReady(more.contains("processes = 2") ? 2 : 1);
    }

    /// The files of a server whose application is a jar of its own.
    private static void prepare(Path folder, String more) throws IOException {
        jar(folder.resolve("app.jar"));
        Files.writeString(folder.resolve("app.ini"), "[uwsgi]\nsocket = app.sock\nsocket = 127.0.0.1:0\n"
                + "http = 127.0.0.1:0\nchmod-socket = 666\nmodule = loomgate.server.it.app.TestApplication\n"
                + "jvm-classpath = app.jar\njvm-opt = -Xmx128m\n" + more);
    }

    private static void jar(Path jar) throws IOException {
        Path classes = RunningServer.TEST_CLASSES;
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(classes.resolve(APPLICATION).getParent())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, out);
            }
        }
    }

    private static Nginx inFrontOf(RunningServer server, String pass) throws Exception {
        return Nginx.inFrontOf(pass, server.folder(), server.port(0), server.port(1));
    }

    static Path copiesOf(RunningServer server) {
        return copiesOf(Path.of(System.getProperty("java.io.tmpdir")), server);
    }

    private static Path copiesOf(Path temporary, RunningServer server) {
        return temporary.resolve("loomgate-" + server.pid());
    }

    static int copies(RunningServer server) {
        try (Stream<Path> generations = Files.list(copiesOf(server))) {
            return (int) generations.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
