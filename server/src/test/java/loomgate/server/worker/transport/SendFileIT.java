package loomgate.server.worker.transport;

import static loomgate.server.worker.transport.SocketPair.SHORT;
import static loomgate.server.worker.transport.SocketPair.failureOf;
import static loomgate.server.worker.transport.SocketPair.inVirtualThread;
import static loomgate.server.worker.transport.SocketPair.pattern;
import static loomgate.server.worker.transport.SocketPair.started;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.FutureTask;
import loomgate.server.net.PeerGone;
import loomgate.server.worker.transport.SocketPair.Kind;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Files, which the kernel sends by itself as far as the socket has room.
@Timeout(30)
class SendFileIT {

    @AutoClose
    private final SocketPair pair = new SocketPair();

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void aPeerThatTakesNothingEndsTheSendingOfAFile(Kind kind) throws Exception {
        pair.connect(kind, SHORT);
        try (FileChannel file = fileOf(new byte[32 * 1024 * 1024])) {
            assertInstanceOf(PeerGone.class, failureOf(() -> send(file, 0, file.size())));
            assertTrue(file.isOpen());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFileGoesWholeToASlowReader(Kind kind) throws Exception {
        pair.connect(kind, SHORT);
        byte[] bytes = pattern(4 * 1024 * 1024);
        FutureTask<byte[]> received = started(() -> pair.readSlowly(bytes.length - 1001));
        try (FileChannel file = fileOf(bytes)) {
            inVirtualThread(() -> send(file, 1000, file.size() - 1001));
            assertEquals(0, file.position());
        }
        assertArrayEquals(Arrays.copyOfRange(bytes, 1000, bytes.length - 1), received.get());
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatHasBecomeShorterIsNoFaultOfThePeer(Kind kind) throws Exception {
        pair.connect(kind, SHORT);
        try (FileChannel file = fileOf(new byte[1000])) {
            Throwable failure = failureOf(() -> send(file, 0, 2000));
            assertEquals("the file has become shorter while it was sent", failure.getMessage());
            assertEquals(IOException.class, failure.getClass());
        }
    }

    private FileChannel fileOf(byte[] bytes) throws IOException {
        return FileChannel.open(Files.write(folder.resolve("file"), bytes));
    }

    private Void send(FileChannel file, long position, long count) throws IOException {
        pair.transport().transferFrom(file, position, count);
        return null;
    }
}
