package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sockets as the operator asks for them, or one clear message.
@Timeout(60)
class ListenersIT {

    private static final int PERMISSIONS = 0777;

    /// Environment in which a name server that does not answer is not waited for.
    private static final Map<String, String> HASTY_RESOLVER = Map.of("RES_OPTIONS", "timeout:1 attempts:1");

    /// A socket's file as it was when it was seen for the first time, and when a connection succeeded for the first
    /// time.
    private record Sightings(int firstMode, String atFirstConnection) {}

    @Nested
    class UnixSockets {

        @Test
        void modeAndOwnerAreExactWhenTheFirstClientConnects() throws Exception {
            assumeTrue("root".equals(System.getProperty("user.name")), "only root can give a socket away");
            Sightings sightings = sightingsOf("chmod-socket = 660\nchown-socket = www-data:www-data\n");
            assertEquals(0660, sightings.firstMode());
            assertEquals("660 www-data:www-data", sightings.atFirstConnection());
        }

        @Test
        void modeIsExactFromTheFirstInstant() throws Exception {
            assertEquals(0606, sightingsOf("chmod-socket = 606\n").firstMode());
        }

        @Test
        void modeIsTheUmasksByDefault() throws Exception {
            Path folder = Files.createTempDirectory("loomgate-it");
            Path asked = Files.createDirectory(folder.resolve("umask"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxrwxrwx")));
            assertEquals(mode(asked), sightingsIn(folder, "").firstMode());
        }

        @Test
        void aTemporaryDirectoryThatCannotBeUsedIsDoneWithout() throws Exception {
            try (RunningServer server = RunningServer.start("socket = app.sock\n" + RunningServer.TEST_APPLICATION
                    + "jvm-opt = -Djava.io.tmpdir=/proc/nowhere\n")) {
                server.awaitReady(1);
                assertTrue(Client.uwsgi(server.folder().resolve("app.sock")).get("/hello").isComplete("hello\n"));
                server.assertStops();
            }
        }

        @Test
        void aSocketOfALivingServerIsLeftAlone() throws Exception {
            try (RunningServer first = RunningServer.start("socket = app.sock\n" + RunningServer.TEST_APPLICATION)) {
                first.awaitReady(1);
                Path socket = first.folder().resolve("app.sock");
                Object inode = Files.getAttribute(socket, "unix:ino");
                assertRefused(69, "socket = " + socket + "\n", "cannot listen on " + socket
                        + ": a running server listens there, process " + first.pid() + ";");
                assertEquals(inode, Files.getAttribute(socket, "unix:ino"));
                assertTrue(Client.uwsgi(socket).get("/hello").isComplete("hello\n"));
                first.succeeded();
            }
        }

        @Test
        void aDeadSocketIsReplaced() throws Exception {
            Path folder = Files.createTempDirectory("loomgate-it");
            try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                dead.bind(UnixDomainSocketAddress.of(folder.resolve("app.sock")));
            }
            assertTrue(Files.exists(folder.resolve("app.sock")));
            try (RunningServer server =
                    RunningServer.startIn(folder, "socket = app.sock\n" + RunningServer.TEST_APPLICATION)) {
                server.awaitReady(1);
                assertTrue(Client.uwsgi(folder.resolve("app.sock")).get("/hello").isComplete("hello\n"));
                server.succeeded();
            }
        }

        @Test
        void whatIsNoSocketIsNeverDeleted() throws Exception {
            Path folder = Files.createTempDirectory("loomgate-it");
            Path file = Files.writeString(folder.resolve("file"), "precious");
            Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("nowhere"));
            Path directory = Files.createDirectory(folder.resolve("directory"));
            for (Path path : new Path[] {file, link, directory}) {
                assertRefused(69, "socket = " + path + "\n",
                        "cannot listen on " + path + ": there is a file of that name which is no socket");
                assertTrue(Files.exists(path, LinkOption.NOFOLLOW_LINKS));
            }
            assertEquals("precious", Files.readString(file));
            for (Path path : new Path[] {file, link, directory, folder}) {
                Files.delete(path);
            }
        }

        @Test
        void aDirectoryThatDoesNotExistIsNamed() throws Exception {
            assertRefused(69, "socket = missing/deep/app.sock\n", "missing/deep does not exist");
            assertRefused(69, "socket = app.ini/app.sock\n", "app.ini is not a directory");
        }

        @Test
        void aDirectoryThatCannotBeEnteredIsNamed() throws Exception {
            Path folder = Files.createTempDirectory("loomgate-it");
            Path closed = Files.createDirectory(folder.resolve("closed"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("---------")));
            Files.writeString(folder.resolve("app.ini"),
                    "[uwsgi]\nsocket = closed/app.sock\n" + RunningServer.TEST_APPLICATION);
            List<String> command = new ArrayList<>();
            // root enters any directory, unless without that capability
            if ("root".equals(System.getProperty("user.name"))) {
                command.addAll(List.of("setpriv", "--bounding-set", "-dac_override,-dac_read_search"));
            }
            command.addAll(RunningServer.command("app.ini"));
            try (RunningServer server = RunningServer.startCommand(folder, folder, command)) {
                assertEquals(69, server.exitStatus());
                assertTrue(server.log().contains("cannot listen on " + closed + "/app.sock: "), server.log());
                assertTrue(server.log().toLowerCase(Locale.ROOT).contains("permission"), server.log());
                server.succeeded();
            }
        }

        @Test
        void anOwnerWhoDoesNotExistIsNamedAndNoSocketIsLeft() throws Exception {
            assertRefused(78, "socket = app.sock\nchown-socket = nosuchuser:root\n",
                    "chown-socket = nosuchuser:root: there is no user nosuchuser\n");
            assertRefused(78, "socket = app.sock\nchown-socket = root:nosuchgroup\n",
                    "chown-socket = root:nosuchgroup: there is no group nosuchgroup\n");
        }

        @Test
        void anAbstractNameIsTakenOnce() throws Exception {
            String name = "loomgate-it-" + ProcessHandle.current().pid();
            try (RunningServer first =
                    RunningServer.start("socket = @" + name + "\n" + RunningServer.TEST_APPLICATION)) {
                first.awaitReady(1);
                assertTrue(Files.readString(Path.of("/proc/net/unix")).contains(" @" + name + "\n"));
                assertRefused(69, "socket = @" + name + "\n",
                        "cannot listen on @" + name + ": a running server has that name");
                first.succeeded();
            }
        }

        private Sightings sightingsOf(String options) throws Exception {
            return sightingsIn(Files.createTempDirectory("loomgate-it"), options);
        }

        private Sightings sightingsIn(Path folder, String options) throws Exception {
            Path socket = folder.resolve("app.sock");
            FutureTask<Sightings> watch = new FutureTask<>(() -> watch(socket));
            Thread.ofPlatform().daemon().start(watch);
            try (RunningServer server = RunningServer.startIn(
                    folder, "socket = app.sock\n" + options + RunningServer.TEST_APPLICATION)) {
                Sightings sightings = watch.get(30, TimeUnit.SECONDS);
                server.succeeded();
                return sightings;
            }
        }

        private static Sightings watch(Path socket) throws IOException {
            int first = -1;
            while (true) {
                try {
                    int now = mode(socket);
                    first = first < 0 ? now : first;
                    try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                        Map<String, Object> all = Files.readAttributes(socket, "unix:mode,owner,group");
                        return new Sightings(first, Integer.toOctalString((int) all.get("mode") & PERMISSIONS) + " "
                                + all.get("owner") + ":" + all.get("group"));
                    }
                } catch (NoSuchFileException _) {
                    Thread.onSpinWait(); // not yet
                } catch (java.net.SocketException _) {
                    Thread.onSpinWait(); // bound, but nobody listens yet
                }
            }
        }
    }

    @Nested
    class Tcp {

        @Test
        void aPortInUseIsTold() throws Exception {
            try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                assertRefused(69, "http = 127.0.0.1:" + taken.getLocalPort() + "\n",
                        "cannot listen on 127.0.0.1:" + taken.getLocalPort() + ": another server listens there");
            }
        }

        @ParameterizedTest
        @CsvSource({
            "no-such-host.invalid:8000, the host name no-such-host.invalid is unknown",
            "192.0.2.1:8000, this machine does not have that address",
        })
        void anAddressThatCannotBeHadIsTold(String address, String message) throws Exception {
            assertRefused(69, "http = " + address + "\n", "cannot listen on " + address + ": " + message);
        }

        @Test
        void aQueueLongerThanTheKernelAllowsIsRefused() throws Exception {
            int most;
            try (BufferedReader reader = Files.newBufferedReader(Path.of("/proc/sys/net/core/somaxconn"))) {
                most = Integer.parseInt(reader.readLine()); // by one read: a second one finds nothing
            }
            assumeTrue(most < 65535, "any value is allowed here");
            assertRefused(78, "http = 127.0.0.1:0\nlisten = " + (most + 1) + "\n",
                    "listen = " + (most + 1) + " is more than the kernel allows, net.core.somaxconn = " + most);
        }
    }

    @Test
    void listenersOfAllKindsStandSideBySide() throws Exception {
        String name = "loomgate-it-mixed-" + ProcessHandle.current().pid();
        try (RunningServer server = RunningServer.start("""
                socket = app.sock
                http = web.sock
                socket = @%s
                http = 127.0.0.1:0
                socket = 127.0.0.1:0
                http = [::1]:0
                http = :0
                processes = 2
                """.formatted(name) + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(2);
            Path folder = server.folder();
            assertTrue(Client.uwsgi(folder.resolve("app.sock")).get("/hello").isComplete("hello\n"));
            assertTrue(Client.http(folder.resolve("web.sock")).get("/hello").isComplete("hello\n"));
            assertTrue(Client.http(server.port(0)).get("/hello").isComplete("hello\n"));
            assertTrue(Client.uwsgi(server.port(1)).get("/hello").isComplete("hello\n"));
            assertTrue(new Client(new InetSocketAddress("::1", server.port(2)), Client.Protocol.HTTP)
                    .get("/hello").isComplete("hello\n"));
            assertTrue(Client.http(server.port(3)).get("/hello").isComplete("hello\n"));
            assertTrue(server.firstLine("listening for http on \\[::1]:[1-9]\\d*$").isPresent(), server.log());
            assertTrue(server.firstLine("listening for uwsgi on @" + name + "$").isPresent(), server.log());
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            server.succeeded();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"socket = missing/b.sock\n", "http = 192.0.2.1:8000\n"})
    void aStartThatFailsLeavesNoSocketBehind(String second) throws Exception {
        assertRefused(69, "socket = app.sock\nhttp = 127.0.0.1:0\n" + second, "cannot listen on ");
    }

    @Test
    void aLogThatCannotBeWrittenIsTold() throws Exception {
        assertRefused(78, "socket = app.sock\nlogto = missing/log\n", "logto = ", "missing/log cannot be written: ",
                "No such file or directory");
    }

    private static int mode(Path path) throws IOException {
        return (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & PERMISSIONS;
    }

    /// One message that has all of the parts, no stack trace, no socket.
    private static void assertRefused(int status, String ini, String... parts) throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        Files.writeString(folder.resolve("app.ini"), "[uwsgi]\n" + ini + RunningServer.TEST_APPLICATION);
        try (RunningServer server = RunningServer.startCommand(
                folder, folder, RunningServer.command("app.ini"), HASTY_RESOLVER)) {
            assertEquals(status, server.exitStatus(), server.log());
            assertEquals(1, server.matches("loomgate: ").size(), server.log());
            assertFalse(server.log().contains("\tat "), server.log());
            for (String part : parts) {
                assertTrue(server.log().contains(part), server.log());
            }
            assertFalse(Files.exists(server.folder().resolve("app.sock")), "a socket is left");
            assertEquals(0, server.matches("spawned").size());
            server.succeeded();
        }
    }
}
