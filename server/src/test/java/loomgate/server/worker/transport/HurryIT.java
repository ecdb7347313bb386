package loomgate.server.worker.transport;

import static loomgate.server.worker.transport.SocketPair.LONG;
import static loomgate.server.worker.transport.SocketPair.SHORT;
import static loomgate.server.worker.transport.SocketPair.assertBetween;
import static loomgate.server.worker.transport.SocketPair.failureOf;
import static loomgate.server.worker.transport.SocketPair.inVirtualThread;
import static loomgate.server.worker.transport.SocketPair.started;
import static loomgate.server.worker.transport.SocketPair.timesOut;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import loomgate.server.net.ReadTimeout;
import loomgate.server.worker.transport.SocketPair.Kind;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A drain hurries waits that are in progress, from a thread of its own.
@Timeout(30)
class HurryIT {

    @AutoClose
    private final SocketPair pair = new SocketPair();

    @ParameterizedTest
    @EnumSource
    void waitForAnotherRequestIsShortened(Kind kind) throws Exception {
        pair.connect(kind, SHORT);
        pair.transport().awaitRequest(LONG);
        assertEndsInAHurry(Duration.ofMillis(50), Duration.ZERO, pair::readSome);
    }

    @ParameterizedTest
    @EnumSource
    void aRequestThatHasBegunIsNotTouched(Kind kind) throws Exception {
        pair.connect(kind, LONG);
        pair.transport().awaitRequest(LONG);
        pair.send(1);
        assertEquals(1, (int) inVirtualThread(pair::readSome));
        FutureTask<Integer> second = started(pair::readSome);
        for (int i = 0; i < 5; i++) {
            pair.transport().hurry(Duration.ZERO);
            assertTrue(timesOut(second, 60));
        }
        pair.send(2);
        assertEquals(1, second.get());
    }

    @ParameterizedTest
    @EnumSource
    void lingeringIsShortenedHoweverThePeerTrickles(Kind kind) throws Exception {
        pair.connect(kind, LONG);
        pair.whileTrickling(Duration.ofMillis(10), () -> assertEndsInAHurry(SHORT, SHORT, () -> {
            pair.transport().linger(LONG, Long.MAX_VALUE);
            return null;
        }));
    }

    @ParameterizedTest
    @EnumSource
    void theRestOfAnAnsweredRequestIsNotWaitedForHoweverItTrickles(Kind kind) throws Exception {
        pair.connect(kind, LONG);
        pair.transport().expectRest();
        pair.whileTrickling(Duration.ofMillis(10), () -> assertEndsInAHurry(SHORT, SHORT, pair::readOn));
    }

    private void assertEndsInAHurry(Duration atMost, Duration least, Callable<?> reads) throws Exception {
        FutureTask<Throwable> reading = started(() -> failureOf(reads));
        long before = System.nanoTime();
        await().atMost(10, TimeUnit.SECONDS).until(() -> {
            pair.transport().hurry(atMost);
            return reading.isDone();
        });
        assertInstanceOf(ReadTimeout.class, reading.get());
        assertBetween(least, Duration.ofSeconds(5), System.nanoTime() - before);
    }
}
