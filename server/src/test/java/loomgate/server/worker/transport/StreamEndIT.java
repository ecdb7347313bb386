package loomgate.server.worker.transport;

import static loomgate.server.worker.transport.SocketPair.LONG;
import static loomgate.server.worker.transport.SocketPair.SHORT;
import static loomgate.server.worker.transport.SocketPair.failureOf;
import static loomgate.server.worker.transport.SocketPair.inVirtualThread;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.concurrent.Callable;
import loomgate.server.config.PaceSettings;
import loomgate.server.net.PeerGone;
import loomgate.server.worker.transport.SocketPair.Kind;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the peer sees at the end of what it is sent.
@Timeout(30)
class StreamEndIT {

    @AutoClose
    private final SocketPair pair = new SocketPair();

    @ParameterizedTest
    @EnumSource
    void whatIsUnframedEndsWellWhenItIsWhole(Kind kind) throws Exception {
        pair.connect(kind, SHORT);
        assertEquals("whole", receivedOf(() -> {
            pair.transport().beginUnframed();
            pair.write("whole".getBytes());
            pair.transport().endUnframed();
            pair.ours().close();
            return null;
        }));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsUnframedEndsByAResetIfItIsNotWholeOrWasCut(boolean isCut) throws Exception {
        pair.connect(Kind.TCP, SHORT);
        assertThrows(IOException.class, () -> receivedOf(() -> {
            pair.transport().beginUnframed();
            if (isCut) {
                pair.transport().resetWhenClosed();
                pair.transport().endUnframed();
            }
            pair.ours().close();
            return null;
        }));
    }

    /// A unix socket has no reset, and nothing to set.
    @Test
    void aChannelThatIsClosedWhileItsOwnerWritesHasLostItsPeer() throws Exception {
        pair.connect(Kind.TCP, SHORT);
        pair.ours().close();
        for (Throwable failure : new Throwable[] {
            assertThrows(PeerGone.class, pair.transport()::beginUnframed),
            assertThrows(PeerGone.class, pair.transport()::endUnframed)
        }) {
            assertEquals("the connection was closed while it was written", failure.getMessage());
        }
    }

    /// A unix socket has no reset: there its reader sees an end.
    @Test
    void aReaderThatIsCutSeesAReset() throws Exception {
        pair.connect(Kind.TCP, SHORT, new PaceSettings(1000, LONG));
        assertInstanceOf(PeerGone.class, failureOf(() -> pair.write(new byte[4 * 1024 * 1024])));
        assertTrue(pair.transport().isTakenTooSlowly());
        assertThrows(IOException.class, () -> {
            ByteBuffer some = ByteBuffer.allocate(64 * 1024);
            while (pair.peer().read(some.clear()) >= 0) {}
        });
    }

    /// What the peer gets until the end of the connection.
    private String receivedOf(Callable<Void> owner) throws Exception {
        inVirtualThread(owner);
        return new String(Channels.newInputStream(pair.peer()).readAllBytes());
    }
}
