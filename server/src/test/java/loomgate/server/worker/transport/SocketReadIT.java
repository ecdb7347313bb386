package loomgate.server.worker.transport;

import static loomgate.server.worker.transport.SocketPair.LONG;
import static loomgate.server.worker.transport.SocketPair.SHORT;
import static loomgate.server.worker.transport.SocketPair.assertBetween;
import static loomgate.server.worker.transport.SocketPair.failureOf;
import static loomgate.server.worker.transport.SocketPair.inVirtualThread;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import loomgate.server.config.PaceSettings;
import loomgate.server.net.ReadTimeout;
import loomgate.server.worker.transport.SocketPair.Kind;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// One wait of each kind, ended by the watch. How long each may be is for [ReadTimesTest].
@Timeout(30)
class SocketReadIT {

    @AutoClose
    private final SocketPair pair = new SocketPair();

    @ParameterizedTest
    @EnumSource
    void silenceEndsTheWaitAndAnAnswerCanStillBeWritten(Kind kind) throws Exception {
        pair.connect(kind, SHORT);
        pair.transport().awaitRequest(SHORT);
        long before = System.nanoTime();
        assertInstanceOf(ReadTimeout.class, failureOf(pair::readSome));
        assertBetween(SHORT, SHORT.plusSeconds(2), System.nanoTime() - before);
        assertInstanceOf(ReadTimeout.class, failureOf(pair::readSome), "also when it is asked again");
        inVirtualThread(() -> pair.write("408".getBytes()));
        ByteBuffer answer = ByteBuffer.allocate(3);
        while (answer.hasRemaining() && pair.peer().read(answer) >= 0) {}
        assertArrayEquals("408".getBytes(), answer.array());
    }

    @ParameterizedTest
    @EnumSource
    void whatIsThereIsReadWithoutWaiting(Kind kind) throws Exception {
        pair.connect(kind, SHORT);
        ByteBuffer some = ByteBuffer.allocate(100);
        assertEquals(0, (int) inVirtualThread(() -> pair.transport().readNow(some)));
        pair.send(1, 2);
        assertEquals(2, (int) inVirtualThread(() -> pair.transport().readNow(some)));
        pair.peer().shutdownOutput();
        assertEquals(-1, (int) inVirtualThread(() -> pair.transport().readNow(some)));
    }

    @ParameterizedTest
    @EnumSource
    void endOfThePeersStreamIsNoTimeout(Kind kind) throws Exception {
        pair.connect(kind, LONG);
        pair.transport().awaitRequest(LONG);
        pair.peer().shutdownOutput();
        assertEquals(-1, (int) inVirtualThread(pair::readSome));
    }

    @ParameterizedTest
    @EnumSource
    void headHasOneDeadlineHoweverItTrickles(Kind kind) throws Exception {
        pair.connect(kind, SHORT.multipliedBy(2));
        pair.transport().awaitRequest(LONG);
        pair.whileTrickling(SHORT.dividedBy(5), () -> {
            long before = System.nanoTime();
            Throwable failure = failureOf(pair::readOn);
            assertInstanceOf(ReadTimeout.class, failure);
            assertEquals("the request's head took more than 500 ms", failure.getMessage());
            assertBetween(SHORT.multipliedBy(2), SHORT.multipliedBy(2).plusSeconds(2), System.nanoTime() - before);
        });
    }

    /// Longer than the timeout, which is for each read, and no longer than its pace has patience.
    @ParameterizedTest
    @EnumSource
    void bodyMayTrickleForLongerThanTheTimeoutUntilItFallsBehindItsPace(Kind kind) throws Exception {
        pair.connect(kind, SHORT, new PaceSettings(1000, SHORT.multipliedBy(3)));
        pair.transport().expectBody();
        pair.whileTrickling(SHORT.dividedBy(5), () -> {
            long before = System.nanoTime();
            Throwable failure = failureOf(pair::readOn);
            assertInstanceOf(ReadTimeout.class, failure);
            assertEquals("it came at less than min-rate = 1000 bytes per second and lagged behind by more than 750 ms",
                    failure.getMessage());
            assertBetween(SHORT.multipliedBy(3), SHORT.multipliedBy(3).plusSeconds(2), System.nanoTime() - before);
        });
    }

    @ParameterizedTest
    @EnumSource
    void timeInWhichNobodyReadsIsNoFaultOfThePeer(Kind kind) throws Exception {
        pair.connect(kind, LONG, new PaceSettings(1000, SHORT));
        pair.transport().expectBody();
        for (int i = 0; i < 3; i++) {
            TimeUnit.NANOSECONDS.sleep(SHORT.toNanos() + 50_000_000);
            pair.send(1);
            assertEquals(1, (int) inVirtualThread(pair::readSome));
        }
    }
}
