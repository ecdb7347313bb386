package loomgate.server.worker.transport;

import static loomgate.server.worker.transport.SocketPair.LONG;
import static loomgate.server.worker.transport.SocketPair.SHORT;
import static loomgate.server.worker.transport.SocketPair.assertBetween;
import static loomgate.server.worker.transport.SocketPair.failureOf;
import static loomgate.server.worker.transport.SocketPair.inVirtualThread;
import static loomgate.server.worker.transport.SocketPair.started;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import loomgate.server.net.ReadTimeout;
import loomgate.server.worker.transport.SocketPair.Kind;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a peer sends that nobody wants is taken for a while, so that it sees its answer.
@Timeout(30)
class LingerIT {

    private static final long ANY_NUMBER = Long.MAX_VALUE;

    @AutoClose
    private final SocketPair pair = new SocketPair();

    @ParameterizedTest
    @EnumSource
    void whatThePeerStillSendsIsTakenSoThatItSeesTheAnswer(Kind kind) throws Exception {
        pair.connect(kind, LONG);
        FutureTask<Integer> answered = started(this::sendMuchAndReadTheAnswer);
        inVirtualThread(() -> {
            pair.write("answer".getBytes());
            linger(LONG, ANY_NUMBER);
            pair.ours().close();
            return null;
        });
        assertEquals(6, answered.get());
    }

    @ParameterizedTest
    @EnumSource
    void itEndsWhenThereIsTooMuch(Kind kind) throws Exception {
        pair.connect(kind, LONG);
        long tooMuch = 4 * 1024 * 1024;
        FutureTask<Long> sent = started(() -> sendUntilRefused(tooMuch * 16));
        inVirtualThread(() -> {
            linger(LONG, tooMuch);
            pair.ours().close();
            return null;
        });
        assertTrue(sent.get() >= tooMuch && sent.get() < tooMuch * 16, () -> sent + " bytes were taken");
    }

    @ParameterizedTest
    @EnumSource
    void itEndsWhenItTakesTooLong(Kind kind) throws Exception {
        pair.connect(kind, LONG);
        pair.whileTrickling(SHORT.dividedBy(5), () -> {
            long before = System.nanoTime();
            assertInstanceOf(ReadTimeout.class, failureOf(() -> linger(SHORT, ANY_NUMBER)));
            assertBetween(SHORT, SHORT.plusSeconds(2), System.nanoTime() - before);
        });
    }

    private Void linger(Duration most, long mostBytes) throws IOException {
        pair.transport().linger(most, mostBytes);
        return null;
    }

    /// @return how long the answer is
    private int sendMuchAndReadTheAnswer() throws IOException {
        ByteBuffer much = ByteBuffer.allocate(8 * 1024 * 1024);
        while (much.hasRemaining()) {
            pair.peer().write(much);
        }
        pair.peer().shutdownOutput();
        ByteBuffer answer = ByteBuffer.allocate(100);
        while (pair.peer().read(answer) >= 0) {}
        return answer.position();
    }

    private long sendUntilRefused(long most) {
        ByteBuffer block = ByteBuffer.allocate(64 * 1024);
        long sent = 0;
        try {
            while (sent < most) {
                sent += pair.peer().write(block.clear());
            }
        } catch (IOException _) {
            // it is not taken any more
        }
        return sent;
    }
}
