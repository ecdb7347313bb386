package loomgate.server.worker.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import loomgate.server.config.PaceSettings;
import loomgate.server.worker.transport.Uptake.Verdict;
import org.junit.jupiter.api.Test;

/// Time here is what the test says it is, and so is what the kernel holds.
class UptakeTest {

    private static final long SECOND = 1_000_000_000;
    private static final long TICK = 50_000_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(4);

    private final Uptake uptake = new Uptake(TIMEOUT, new PaceSettings(500, Duration.ofSeconds(20)));
    private long unsent = 100_000;
    private int questions;

    private Verdict look(long until, long now) {
        return uptake.look(until, now, () -> {
            questions++;
            return unsent;
        });
    }

    @Test
    void aWriteWaitsWhileItHasTime() {
        for (long now = 0; now < 4 * SECOND; now += TICK) {
            assertEquals(Verdict.WAIT, look(4 * SECOND, now));
        }
    }

    @Test
    void aPeerThatTakesNothingIsTooSlowWhenTheTimeIsOver() {
        assertEquals(Verdict.WAIT, look(4 * SECOND, 4 * SECOND - 1));
        assertEquals(Verdict.TOO_SLOW, look(4 * SECOND, 4 * SECOND));
    }

    @Test
    void whoTakesJustEnoughHasMoreTime() {
        look(4 * SECOND, 0);
        unsent -= 2000; // in 4 s, at 500 a second
        assertEquals(Verdict.MORE_TIME, look(4 * SECOND, 4 * SECOND + TICK));
        assertEquals(8 * SECOND + TICK, uptake.until());
    }

    @Test
    void oneByteLessIsTooSlow() {
        look(4 * SECOND, 0);
        unsent -= 1999;
        assertEquals(Verdict.TOO_SLOW, look(4 * SECOND, 4 * SECOND + TICK));
    }

    @Test
    void eachWindowOfTimeIsJudgedByItself() {
        look(4 * SECOND, 0);
        unsent -= 50_000;
        assertEquals(Verdict.MORE_TIME, look(4 * SECOND, 4 * SECOND));
        unsent -= 1999;
        assertEquals(Verdict.TOO_SLOW, look(uptake.until(), 8 * SECOND));
    }

    @Test
    void whoGoesOnTakingEnoughHasMoreTimeForEver() {
        unsent = 1_000_000_000;
        long until = 4 * SECOND;
        look(until, 0);
        for (int i = 0; i < 100_000; i++) {
            unsent -= 2000;
            assertEquals(Verdict.MORE_TIME, look(until, until));
            until = uptake.until();
        }
        assertEquals(400_004 * SECOND, until);
    }

    @Test
    void anotherWriteHasItsOwnWindow() {
        look(4 * SECOND, 0);
        unsent = 200_000; // the first has ended
        look(6 * SECOND, 2 * SECOND);
        unsent = 198_000;
        assertEquals(Verdict.MORE_TIME, look(6 * SECOND, 6 * SECOND));
    }

    /// The write that was to have more time had ended before it could be told so.
    @Test
    void moreTimeForOneWriteIsNotTheNextOnes() {
        look(4 * SECOND, 0);
        unsent = 50_000;
        assertEquals(Verdict.MORE_TIME, look(4 * SECOND, 4 * SECOND));
        unsent = 100_000;
        assertEquals(Verdict.WAIT, look(9 * SECOND, 5 * SECOND));
        unsent = 98_001;
        assertEquals(Verdict.TOO_SLOW, look(9 * SECOND, 9 * SECOND));
    }

    @Test
    void aWriteThatIsSeenTooLateIsTooSlow() {
        assertEquals(Verdict.TOO_SLOW, look(4 * SECOND, 5 * SECOND));
    }

    @Test
    void theKernelIsAskedOnlyWhenAWindowBeginsOrEnds() {
        for (long now = 0; now < 4 * SECOND; now += TICK) {
            look(4 * SECOND, now);
        }
        assertEquals(1, questions);
        unsent = 0;
        assertEquals(Verdict.MORE_TIME, look(4 * SECOND, 4 * SECOND));
        assertEquals(2, questions);
        look(uptake.until(), 4 * SECOND + TICK);
        assertEquals(2, questions);
    }

    @Test
    void withoutARateOneByteIsEnough() {
        Uptake any = new Uptake(TIMEOUT, new PaceSettings(0, Duration.ofSeconds(20)));
        any.look(4 * SECOND, 0, () -> 1000);
        assertEquals(Verdict.MORE_TIME, any.look(4 * SECOND, 4 * SECOND, () -> 999));
        assertEquals(Verdict.TOO_SLOW, any.look(any.until(), 8 * SECOND, () -> 999));
    }

    @Test
    void whereTheKernelDoesNotTellNoWriteHasMoreTime() {
        unsent = 0;
        look(4 * SECOND, 0);
        assertEquals(Verdict.TOO_SLOW, look(4 * SECOND, 4 * SECOND));
    }

    @Test
    void theShortfallNamesTheBytesAndTheTime() {
        assertEquals("the peer took less than 2000 bytes in 4000 ms", uptake.shortfall());
        PaceSettings fast = new PaceSettings(10 * 1024 * 1024, Duration.ofSeconds(20));
        assertEquals("the peer took less than 2621440 bytes in 250 ms",
                new Uptake(Duration.ofMillis(250), fast).shortfall());
    }
}
