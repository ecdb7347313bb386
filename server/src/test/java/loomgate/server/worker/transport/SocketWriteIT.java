package loomgate.server.worker.transport;

import static loomgate.server.worker.transport.SocketPair.LONG;
import static loomgate.server.worker.transport.SocketPair.SHORT;
import static loomgate.server.worker.transport.SocketPair.failureOf;
import static loomgate.server.worker.transport.SocketPair.inVirtualThread;
import static loomgate.server.worker.transport.SocketPair.pattern;
import static loomgate.server.worker.transport.SocketPair.started;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.concurrent.FutureTask;
import loomgate.server.config.PaceSettings;
import loomgate.server.net.PeerGone;
import loomgate.server.worker.transport.SocketPair.Kind;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Peers that are slow to take what they are sent. What is too slow is for [UptakeTest]; how much has been taken only
/// the kernel knows.
@Timeout(30)
class SocketWriteIT {

    @AutoClose
    private final SocketPair pair = new SocketPair();

    @ParameterizedTest
    @EnumSource
    void aPeerThatTakesNothingEndsTheWrite(Kind kind) throws Exception {
        pair.connect(kind, SHORT);
        assertInstanceOf(PeerGone.class, failureOf(() -> pair.write(new byte[32 * 1024 * 1024])));
    }

    @ParameterizedTest
    @EnumSource
    void slowWritesAreNotCutWhileThePeerTakesSome(Kind kind) throws Exception {
        pair.connect(kind, SHORT);
        byte[] bytes = pattern(4 * 1024 * 1024);
        FutureTask<byte[]> received = started(() -> pair.readSlowly(bytes.length));
        inVirtualThread(() -> pair.write(bytes));
        assertArrayEquals(bytes, received.get());
    }

    /// The kernel has room for more when a third of what it holds is gone (TCP), or three quarters (unix socket), which
    /// takes this reader longer than the timeout.
    @ParameterizedTest
    @EnumSource
    void aReaderThatMakesRoomTooRarelyIsNotCutWhileItTakesSome(Kind kind) throws Exception {
        pair.connect(kind, SHORT.multipliedBy(4), new PaceSettings(1000, LONG));
        byte[] bytes = pattern(600 * 1024);
        int bytesPerSecond = kind == Kind.UNIX ? 200 * 1024 : 100 * 1024;
        FutureTask<byte[]> received = started(() -> pair.readAtRate(bytes.length, bytesPerSecond));
        inVirtualThread(() -> pair.write(bytes));
        assertArrayEquals(bytes, received.get());
    }

    @ParameterizedTest
    @EnumSource
    void aReaderThatTakesTooLittleIsCut(Kind kind) throws Exception {
        pair.connect(kind, SHORT, new PaceSettings(10 * 1024 * 1024, LONG));
        started(() -> pair.readAtRate(4 * 1024 * 1024, 200 * 1024));
        Throwable failure = failureOf(() -> pair.write(new byte[4 * 1024 * 1024]));
        assertInstanceOf(PeerGone.class, failure);
        assertEquals("the peer took less than 2621440 bytes in 250 ms", failure.getMessage());
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatIsGoneIsGone(Kind kind) throws Exception {
        pair.connect(kind, LONG);
        pair.peer().close();
        assertInstanceOf(PeerGone.class, failureOf(() -> pair.write(new byte[8 * 1024 * 1024])));
    }
}
