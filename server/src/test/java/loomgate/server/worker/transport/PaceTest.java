package loomgate.server.worker.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import loomgate.server.config.PaceSettings;
import org.junit.jupiter.api.Test;

/// Time here is what the test says it is.
class PaceTest {

    private static final long SECOND = 1_000_000_000;

    private final Pace pace = new Pace(new PaceSettings(500, Duration.ofSeconds(20)));

    @Test
    void silenceUsesUpTheGrace() {
        assertEquals(20 * SECOND, pace.left());
        pace.waited(15 * SECOND, 0);
        assertEquals(5 * SECOND, pace.left());
        pace.waited(6 * SECOND, 0);
        assertEquals(0, pace.left());
    }

    @Test
    void aByteNowAndThenHardlyHelps() {
        long seconds = 0;
        while (pace.left() > 0) {
            pace.waited(3 * SECOND, 1);
            seconds += 3;
        }
        assertEquals(21, seconds);
    }

    @Test
    void whoKeepsTheRateGoesOnForEver() {
        for (int second = 0; second < 1_000_000; second++) {
            pace.waited(SECOND, 500);
        }
        assertEquals(20 * SECOND, pace.left());
    }

    @Test
    void whoIsALittleSlowerDoesNot() {
        long seconds = 0;
        while (pace.left() > 0) {
            pace.waited(SECOND, 490);
            seconds++;
        }
        assertEquals(1000, seconds); // each costs a fiftieth of one
    }

    @Test
    void aPauseIsMadeUpForLater() {
        for (int i = 0; i < 1000; i++) {
            pace.waited(19 * SECOND, 0);
            assertTrue(pace.left() > 0);
            pace.waited(0, 19 * 500);
        }
    }

    @Test
    void aFastBeginningEarnsNoSlowEnd() {
        pace.waited(SECOND, 2_000_000_000);
        assertEquals(20 * SECOND, pace.left());
        pace.waited(20 * SECOND, 19);
        assertTrue(pace.left() < SECOND);
    }

    @Test
    void timeInWhichNobodyWaitsDoesNotCount() {
        pace.waited(19 * SECOND, 0);
        // the application takes an hour over what it has; nobody says so to the pace
        assertEquals(SECOND, pace.left());
    }

    @Test
    void theNextBodyBeginsAnew() {
        pace.waited(25 * SECOND, 0);
        pace.begin();
        assertEquals(20 * SECOND, pace.left());
    }

    @Test
    void withoutARateThereIsNoBound() {
        Pace any = new Pace(new PaceSettings(0, Duration.ofSeconds(20)));
        any.waited(3600 * SECOND, 0);
        assertEquals(Pace.UNLIMITED, any.left());
    }
}
