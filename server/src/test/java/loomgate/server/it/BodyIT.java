package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import loomgate.server.protocol.uwsgi.Packet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Bodies that are too large, too slow, or have no place.
@Timeout(60)
class BodyIT {

    private static final int KIB = 1024;
    private static final String ROOM = "post-buffering = 1024\npost-buffering-dir = bodies\nhttp = 127.0.0.1:0\n";

    @Test
    void aBodyThatIsTooLargeIsRefusedBeforeItIsSent() throws Exception {
        String name = "loomgate-it-body-" + ProcessHandle.current().pid();
        try (RunningServer server = RunningServer.start("http = 127.0.0.1:0\nsocket = @" + name
                + "\nlimit-post = 100000\n" + RunningServer.TEST_APPLICATION).awaitReady(1)) {
            for (String expectation : List.of("", "Expect: 100-continue\r\n")) {
                try (RawConnection http = RawConnection.toPort(server.port(0)).send(
                        "POST /checksum HTTP/1.1\r\nHost: a\r\n" + expectation + "Content-Length: 100001\r\n\r\n")) {
                    assertEquals(413, http.reply().status());
                }
            }
            try (RawConnection uwsgi = RawConnection.toAbstractSocket(name).send(uwsgiPost(100_001))) {
                assertEquals(413, uwsgi.reply().status());
            }
            try (RawConnection http = RawConnection.toPort(server.port(0)).send(
                    "POST /checksum HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")) {
                http.send("10000\r\n" + "x".repeat(0x10000) + "\r\n");
                http.send("10000\r\n" + "x".repeat(0x10000) + "\r\n");
                assertEquals(413, http.reply().status());
            }
            try (RawConnection uwsgi = RawConnection.toAbstractSocket(name).send(uwsgiPost(100_000))) {
                uwsgi.send("x".repeat(100_000));
                assertEquals(200, uwsgi.reply().status());
            }
            server.awaitLog("POST /checksum => .*HTTP/1.1 413", 4);
            server.awaitLog("the body has 100001 bytes, more than limit-post = 100000", 3);
            server.awaitLog("the chunked body has more bytes than limit-post = 100000", 1);
            server.assertStops();
        }
    }

    @Test
    void aBodyThatIsTooLargeIsOneLineOfTheLogEvenIfTheAnswerHasBegun() throws Exception {
        try (RunningServer server = RunningServer.start("http = 127.0.0.1:0\nlimit-post = 1000\n"
                + RunningServer.TEST_APPLICATION).awaitReady(1)) {
            for (String target : List.of("/checksum?\u009b31m\u0085", "/stream-checksum?\u009b31m\u0085")) {
                try (RawConnection http = RawConnection.toPort(server.port(0)).send("POST " + target
                        + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n"
                        + "x".repeat(0x3e9) + "\r\n")) {
                    assertEquals(target.startsWith("/stream") ? 200 : 413, http.reply().status());
                }
            }
            String shown = "\\?\\\\x9b31m\\\\x85: ";
            String reason = "413 the chunked body has more bytes than limit-post = 1000\n";
            server.awaitLog("WARN bad request body from \\S+: POST /checksum" + shown + reason, 1);
            server.awaitLog("WARN bad request body from \\S+: POST /stream-checksum" + shown
                    + "the response is cut off: " + reason, 1);
            server.awaitLog("POST /stream-checksum.* => ", 1);
            assertTrue(server.log().chars().allMatch(c -> c == '\n' || c >= ' ' && c < 0x7f), server::log);
            assertEquals(List.of(), server.matches("ERROR|\\n\\s+at "));
            server.assertStops();
        }
    }

    @Test
    void aReloadChangesTheLimit() throws Exception {
        try (RunningServer server = RunningServer.start("http = app.sock\nlimit-post = 10\n"
                + RunningServer.TEST_APPLICATION).awaitReady(1)) {
            Path ini = server.folder().resolve("app.ini");
            Files.writeString(ini, Files.readString(ini).replace("limit-post = 10", "limit-post = 5"));
            Client client = Client.http(server.folder().resolve("app.sock"));
            assertEquals(200, post(client, 10));
            server.signal("HUP");
            server.awaitLog("gen 2 .*ready after", 1);
            await().until(() -> post(client, 10) == 413);
            server.assertStops();
        }
    }

    private static int post(Client client, int bytes) throws IOException {
        try (SocketChannel channel = SocketChannel.open(client.address())) {
            channel.write(ByteBuffer.wrap(("POST /checksum HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: "
                    + bytes + "\r\n\r\n" + "x".repeat(bytes)).getBytes()));
            return Integer.parseInt(new String(
                    Channels.newInputStream(channel).readAllBytes()).substring(9, 12));
        }
    }

    private static byte[] uwsgiPost(int length) {
        return new Packet(0).with("REQUEST_METHOD", "POST").with("REQUEST_URI", "/checksum")
                .with("PATH_INFO", "/checksum").with("SERVER_PROTOCOL", "HTTP/1.1")
                .with("CONTENT_LENGTH", Integer.toString(length)).bytes();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "post-buffering = 1000\n"})
    void aBodyThatDripsIsAnsweredWith408WhoeverReadsIt(String buffering) throws Exception {
        try (RunningServer server = RunningServer.start("http = 127.0.0.1:0\nmin-rate = 1000\nmin-rate-grace = 1\n"
                + buffering + RunningServer.TEST_APPLICATION).awaitReady(1);
                RawConnection connection = RawConnection.toPort(server.port(0))) {
            long began = System.nanoTime();
            connection.send("POST /checksum HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n");
            Thread drip = Thread.ofVirtual().start(() -> drip(connection));
            assertEquals(408, connection.reply().status());
            long ms = (System.nanoTime() - began) / 1_000_000;
            assertTrue(ms >= 1000 && ms < 5000, () -> "it took " + ms + " ms");
            drip.join();
            server.awaitLog("at less than min-rate = 1000 bytes per second and lagged behind by more than 1000 ms", 1);
            server.assertStops();
        }
    }

    /// A tenth of a kilobyte per second.
    private static void drip(RawConnection connection) {
        try {
            for (int i = 0; i < 100; i++) {
                connection.send("xxxxx");
                Thread.sleep(50);
            }
        } catch (IOException | InterruptedException _) {
            // the server has heard enough
        }
    }

    @Test
    void aFolderThatDoesNotExistIsAMistakeInTheConfiguration() throws Exception {
        try (RunningServer server = RunningServer.start(ROOM + RunningServer.TEST_APPLICATION)) {
            assertEquals(78, server.exitStatus());
            assertTrue(server.firstLine("app.ini:3:22: post-buffering-dir: .*/bodies is no directory").isPresent(),
                    server.log());
            server.succeeded();
        }
    }

    @Test
    void aFolderThatVanishesCostsTheRequestsThatNeedItAndNoOthers() throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        Path bodies = Files.createDirectory(folder.resolve("bodies"));
        try (RunningServer server = RunningServer.startIn(folder, ROOM + RunningServer.TEST_APPLICATION)
                .awaitReady(1)) {
            assertEquals(200, post(server, 10 * KIB));
            Files.delete(bodies); // which would fail if something were left in it
            assertEquals(503, post(server, 10 * KIB));
            assertEquals(200, post(server, 100), "it needs no file");
            server.awaitLog("POST /checksum: the request's body cannot be kept in post-buffering-dir = " + bodies
                    + ": there is no such folder", 1);
            RunningServer.signal("KILL", server.workers().getFirst());
            server.awaitReady(2);
            server.awaitLog("worker 1 gen 1 pid \\d+: the request's body cannot be kept in post-buffering-dir = "
                    + bodies + ": there is no such folder; requests that need it are answered with 503", 1);
            assertEquals(503, post(server, 10 * KIB));
            Files.createDirectory(bodies);
            assertEquals(200, post(server, 10 * KIB));
            server.assertStops();
        }
    }

    @Test
    void aDiskThatIsFullCostsTheRequestsThatNeedItAndNoOthers() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can mount a small disk");
        try (SmallDisk disk = SmallDisk.mount(256 * KIB);
                RunningServer server = RunningServer.start(ROOM.replace("= bodies", "= " + disk.folder())
                        + RunningServer.TEST_APPLICATION).awaitReady(1)) {
            for (int i = 0; i < 3; i++) { // nothing is left of what did not fit
                assertEquals(200, post(server, 200 * KIB));
                assertEquals(503, post(server, 300 * KIB));
                assertEquals(200, post(server, 100));
            }
            server.awaitLog("POST /checksum: the request's body cannot be kept in post-buffering-dir = " + disk.folder()
                    + ": No space left on device", 3);
            server.assertStops();
        }
    }

    @Test
    void nobodyElseCanOpenTheFileOfABody() throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        Path bodies = Files.createDirectory(folder.resolve("bodies"));
        try (RunningServer server = RunningServer.startIn(folder, ROOM + RunningServer.TEST_APPLICATION).awaitReady(1);
                RawConnection connection = RawConnection.toPort(server.port(0))) {
            Path go = folder.resolve("go");
            connection.send("POST /wait?until=" + go + " HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n"
                    + "x".repeat(2000));
            Client.http(server.port(0)).awaitRunning(1);
            List<Path> open = openBelow(bodies, server.workers().getFirst());
            assertEquals(1, open.size(), open::toString);
            assertTrue(Files.readSymbolicLink(open.getFirst()).toString().endsWith(" (deleted)"));
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(open.getFirst())));
            try (Stream<Path> names = Files.list(bodies)) {
                assertFalse(names.findAny().isPresent());
            }
            Files.createFile(go);
            assertEquals("waited\n", connection.reply().text());
            await().until(() -> openBelow(bodies, server.workers().getFirst()).isEmpty());
            server.assertStops();
        }
    }

    private static List<Path> openBelow(Path folder, long pid) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> numbers = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path number : numbers.toList()) {
                try {
                    if (Files.readSymbolicLink(number).startsWith(folder)) {
                        found.add(number);
                    }
                } catch (NoSuchFileException _) {
                    // closed meanwhile
                }
            }
        }
        return found;
    }

    @Test
    void tooFewOpenFilesAreSaidAtTheStartAndLeaveConnectionsInTheQueue() throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        Files.writeString(folder.resolve("app.ini"), "[uwsgi]\nhttp = 127.0.0.1:0\nmax-connections = 100\n"
                + "listen = 1000\n" + RunningServer.TEST_APPLICATION);
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -n 300; exec \"$@\"", "sh"));
        command.addAll(RunningServer.command("app.ini"));
        try (RunningServer server = RunningServer.startCommand(folder, folder, command).awaitReady(1)) {
            server.awaitLog("max-connections = 100 needs 356 open files in each worker, 300 are allowed: a worker will"
                    + " have 44 connections at most", 1);
            int port = server.port(0);
            List<RawConnection> connections = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                connections.add(RawConnection.toPort(port));
            }
            for (RawConnection connection : connections) {
                connection.send("GET /hello HTTP/1.0\r\n\r\n");
            }
            for (RawConnection connection : connections) {
                assertEquals(200, connection.reply().status());
                connection.close();
            }
            assertEquals(0, server.matches("no connection can be accepted").size());
            server.assertStops();
        }
    }

    private static int post(RunningServer server, int bytes) throws IOException {
        try (RawConnection connection = RawConnection.toPort(server.port(0))) {
            connection.send("POST /checksum HTTP/1.1\r\nHost: a\r\nContent-Length: " + bytes + "\r\n\r\n");
            return connection.send("x".repeat(bytes)).reply().status();
        }
    }

    /// A file system in memory that is soon full.
    private record SmallDisk(Path folder) implements AutoCloseable {

        static SmallDisk mount(int bytes) throws IOException {
            Path folder = Files.createTempDirectory("loomgate-it-disk");
            run("mount", "-t", "tmpfs", "-o", "size=" + bytes, "tmpfs", folder.toString());
            return new SmallDisk(folder);
        }

        @Override
        public void close() throws IOException {
            run("umount", "-l", folder.toString());
            Files.delete(folder);
        }

        private static void run(String... command) throws IOException {
            int status = new ProcessBuilder(command).inheritIO().start().onExit().join().exitValue();
            assertEquals(0, status, () -> String.join(" ", command));
        }
    }
}
