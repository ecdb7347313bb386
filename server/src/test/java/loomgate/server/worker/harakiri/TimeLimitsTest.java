package loomgate.server.worker.harakiri;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import loomgate.server.worker.harakiri.TimeLimits.Step;
import org.junit.jupiter.api.Test;

/// Ages and limits are nanoseconds.
class TimeLimitsTest {

    private static final long LIMIT = Duration.ofSeconds(2).toNanos();

    private final TimeLimits limits = TimeLimits.of(Duration.ofSeconds(1), Duration.ofSeconds(3));

    @Test
    void nothingIsDueForARequestThatIsYoung() {
        assertEquals(Step.NONE, limits.due(Stage.RUNNING, 0, LIMIT));
        assertEquals(Step.NONE, limits.due(Stage.RUNNING, seconds(1) - 1, LIMIT));
    }

    @Test
    void slowRequestIsReportedOnce() {
        assertEquals(Step.REPORT, limits.due(Stage.RUNNING, seconds(1), LIMIT));
        assertEquals(Step.NONE, limits.due(new Stage.Slow(), LIMIT - 1, LIMIT));
    }

    @Test
    void overdueRequestIsEndedNeverEarly() {
        assertEquals(Step.NONE, limits.due(new Stage.Slow(), LIMIT - 1, LIMIT));
        assertEquals(Step.END, limits.due(new Stage.Slow(), LIMIT, LIMIT));
    }

    @Test
    void requestThatWasNotLookedAtInTimeIsEndedWithoutAReport() {
        assertEquals(Step.END, limits.due(Stage.RUNNING, LIMIT, LIMIT));
    }

    @Test
    void extendedLimitCounts() {
        assertEquals(Step.NONE, limits.due(new Stage.Slow(), LIMIT, LIMIT + 1));
    }

    @Test
    void requestThatGoesOnIsGivenUpAfterTheGrace() {
        Stage overdue = new Stage.Overdue(LIMIT + 5);
        assertEquals(Step.NONE, limits.due(overdue, LIMIT + 5 + seconds(3) - 1, LIMIT));
        assertEquals(Step.GIVE_UP, limits.due(overdue, LIMIT + 5 + seconds(3), LIMIT));
    }

    @Test
    void nothingIsDueForOneThatWasGivenUp() {
        assertEquals(Step.NONE, limits.due(new Stage.Stuck(), Long.MAX_VALUE, LIMIT));
    }

    @Test
    void withoutLimitsNothingIsEverDue() {
        TimeLimits none = TimeLimits.of(Duration.ZERO, Duration.ZERO);
        assertEquals(Step.NONE, none.due(Stage.RUNNING, Long.MAX_VALUE - 1, TimeLimits.UNLIMITED));
    }

    private static long seconds(int seconds) {
        return Duration.ofSeconds(seconds).toNanos();
    }
}
