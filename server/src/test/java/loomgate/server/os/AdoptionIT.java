package loomgate.server.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Timeout(30)
@Isolated("it counts what this JVM has open")
class AdoptionIT {

    private static final int O_NONBLOCK = 04000;

    @TempDir
    Path folder;

    @Test
    void connectionsAreToldFromWhatElseIsOpen() throws Exception {
        Set<String> before = OpenFiles.of(ProcessHandle.current().pid());
        try (ServerSocketChannel listener = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
                SocketChannel client = SocketChannel.open(listener.getLocalAddress());
                SocketChannel accepted = listener.accept()) {
            List<String> numbers = Sockets.connections().stream().map(one -> Integer.toString(one.number())).toList();
            List<String> own = OpenFiles.addedTo(before, ProcessHandle.current().pid()).stream()
                    .filter(name -> numbers.contains(name.split(" ")[0])).toList();
            assertEquals(2, own.size(), own::toString);
            assertEquals(client.getLocalAddress(), accepted.getRemoteAddress());
        }
    }

    @Test
    void connectionsOfAnAdoptedUnixListenerAreTaken() throws Exception {
        Descriptor listener = unixListener();
        try (ServerSocketChannel adopted = Adoption.listener(listener)) {
            assertServes(adopted, UnixDomainSocketAddress.of(folder.resolve("s")));
        }
        listener.close();
    }

    @Test
    void connectionsOfAnAdoptedTcpListenerAreTaken() throws Exception {
        for (String host : new String[] {"127.0.0.1", "::1"}) {
            Descriptor listener = tcpListener(host);
            InetSocketAddress address = new InetSocketAddress(host, Sockets.localPort(listener));
            try (ServerSocketChannel adopted = Adoption.listener(listener)) {
                assertServes(adopted, address);
            }
            listener.close();
        }
    }

    @Test
    void whatItsLastUserLeftBehindCanBeUndone() throws Exception {
        Descriptor listener = unixListener();
        try (ServerSocketChannel adopted = Adoption.listener(listener)) {
            adopted.configureBlocking(false);
            assertFalse(waits(listener));
        }
        listener.makeBlocking();
        assertTrue(waits(listener));
        listener.close();
    }

    private static boolean waits(Descriptor descriptor) throws Exception {
        int flags = Files.readAllLines(Path.of("/proc/self/fdinfo/" + descriptor.number())).stream()
                .filter(line -> line.startsWith("flags:"))
                .mapToInt(line -> Integer.parseInt(line.replaceFirst("flags:\\s*", ""), 8)).findFirst().orElseThrow();
        return (flags & O_NONBLOCK) == 0;
    }

    @Test
    void queueOutlivesTheChannelAndIsThereForTheNextOne() throws Exception {
        Descriptor listener = unixListener();
        Adoption.listener(listener).close();
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("s")));
                ServerSocketChannel again = Adoption.listener(listener);
                SocketChannel accepted = again.accept()) {
            assertNotNull(accepted);
            assertTrue(client.isConnected());
        }
        listener.close();
    }

    @Test
    void adoptedChannelDoesNotWaitIfItIsNotToBlock() throws Exception {
        Descriptor listener = tcpListener("127.0.0.1");
        try (ServerSocketChannel adopted = Adoption.listener(listener)) {
            adopted.configureBlocking(false);
            assertNull(adopted.accept());
        }
        listener.close();
    }

    @Test
    void nothingIsLeftOpenAndNoFileRemains() throws Exception {
        Descriptor listener = unixListener();
        Adoption.listener(listener).close();
        Set<String> before = OpenFiles.of(ProcessHandle.current().pid());
        Set<Path> foldersBefore = temporaryFolders();
        for (int i = 0; i < 5; i++) {
            Adoption.listener(listener).close();
        }
        assertEquals(Set.of(), OpenFiles.addedTo(before, ProcessHandle.current().pid()));
        Set<Path> left = temporaryFolders();
        left.removeAll(foldersBefore);
        assertEquals(Set.of(), left);
        listener.close();
    }

    @Test
    void closeWakesAThreadThatAccepts() throws Exception {
        for (Descriptor listener : new Descriptor[] {unixListener(), tcpListener("127.0.0.1")}) {
            ServerSocketChannel adopted = Adoption.listener(listener);
            Thread accepting = Thread.ofPlatform().start(() -> {
                try {
                    adopted.accept();
                } catch (IOException _) {
                    // as it is to be
                }
            });
            org.awaitility.Awaitility.await().until(() -> accepting.getState() == Thread.State.RUNNABLE);
            adopted.close();
            accepting.join(5_000);
            assertFalse(accepting.isAlive());
            listener.close();
        }
    }

    @Test
    void aUnixListenerThatRefusesStillHandsOutItsQueue() throws Exception {
        Descriptor listener = unixListener();
        SocketAddress address = UnixDomainSocketAddress.of(folder.resolve("s"));
        try (SocketChannel waiting = SocketChannel.open(address);
                ServerSocketChannel adopted = Adoption.listener(listener)) {
            assertTrue(waiting.isConnected());
            Sockets.refuseConnections(listener);
            assertThrows(IOException.class, () -> SocketChannel.open(address).close());
            adopted.configureBlocking(false);
            adopted.accept().close();
            assertNull(adopted.accept());
        }
        listener.close();
    }

    @Test
    void listenerOfTellsTheProcess() throws Exception {
        Descriptor listener = unixListener();
        assertEquals(ProcessHandle.current().pid(), Sockets.listenerOf(folder.resolve("s")));
        listener.close();
        assertEquals(OsException.ECONNREFUSED,
                assertThrows(OsException.class, () -> Sockets.listenerOf(folder.resolve("s"))).errno());
        assertEquals(OsException.ENOENT,
                assertThrows(OsException.class, () -> Sockets.listenerOf(folder.resolve("missing"))).errno());
    }

    @Test
    void aFullQueueIsAListenerWithoutAName() throws Exception {
        Descriptor listener = Sockets.bindUnix(folder.resolve("s"));
        Sockets.listen(listener, 0);
        try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("s")))) {
            assertEquals(0, Sockets.listenerOf(folder.resolve("s")));
        }
        listener.close();
    }

    @Test
    void nobodyConnectsBeforeListen() throws Exception {
        Descriptor bound = Sockets.bindUnix(folder.resolve("s"));
        assertThrows(ConnectException.class,
                () -> SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("s"))).close());
        bound.close();
    }

    @Test
    void modeIsExactWhateverTheUmask() throws Exception {
        Path path = folder.resolve("s");
        for (String mode : new String[] {"rwxrwxrwx", "rw-rw----", "rw-------", "---------", "rw-rw-rw-"}) {
            int bits = Integer.parseInt(mode.replaceAll("[rwx]", "1").replace('-', '0'), 2);
            FileModes.creatingWith(bits, () -> Sockets.bindUnix(path)).close();
            assertEquals(mode, PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
            Files.delete(path);
        }
    }

    @Test
    void umaskIsAsBeforeEvenAfterAFailure() throws Exception {
        Path before = Files.createFile(folder.resolve("before"));
        assertThrows(OsException.class,
                () -> FileModes.creatingWith(0, () -> Sockets.bindUnix(folder.resolve("missing/s"))));
        Path after = Files.createFile(folder.resolve("after"));
        assertEquals(Files.getPosixFilePermissions(before), Files.getPosixFilePermissions(after));
    }

    private Descriptor unixListener() throws Exception {
        Descriptor listener = Sockets.bindUnix(folder.resolve("s"));
        Sockets.listen(listener, 10);
        return listener;
    }

    private static Descriptor tcpListener(String host) throws Exception {
        Descriptor listener = Sockets.bindTcp(new InetSocketAddress(InetAddress.getByName(host), 0), 1);
        Sockets.listen(listener, 10);
        return listener;
    }

    private static void assertServes(ServerSocketChannel adopted, SocketAddress address) throws IOException {
        try (SocketChannel client = SocketChannel.open(address)) {
            client.write(ByteBuffer.wrap("x".getBytes()));
            try (SocketChannel accepted = adopted.accept()) {
                ByteBuffer one = ByteBuffer.allocate(1);
                assertEquals(1, accepted.read(one));
                accepted.write(one.flip());
                assertEquals(1, client.read(ByteBuffer.allocate(1)));
            }
        }
    }

    private static Set<Path> temporaryFolders() throws IOException {
        try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(path -> path.getFileName().toString().matches("loomgate\\d+"))
                    .collect(Collectors.toSet());
        }
    }
}
