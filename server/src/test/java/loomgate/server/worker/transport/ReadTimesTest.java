package loomgate.server.worker.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import loomgate.server.config.PaceSettings;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Time here is what the test says it is.
class ReadTimesTest {

    private static final long SECOND = 1_000_000_000;
    private static final long START = 1000 * SECOND;

    private final ReadTimes times = times(500);

    private static ReadTimes times(long leastPerSecond) {
        return new ReadTimes(Duration.ofSeconds(4), new PaceSettings(leastPerSecond, Duration.ofSeconds(20)), START);
    }

    /// A read that begins now may wait for so many seconds.
    private static void assertMayWait(long seconds, ReadTimes times, long now) {
        assertEquals(now + seconds * SECOND, times.deadline(now));
    }

    @Nested
    class ARequest {

        @Test
        void theFirstHasTheTimeOfAnythingElse() {
            assertMayWait(4, times, START);
        }

        @Test
        void anotherHasTheIdleTime() {
            times.awaitRequest(START + 60 * SECOND);
            assertMayWait(60, times, START);
            assertMayWait(1, times, START + 59 * SECOND);
            assertEquals("the peer sent nothing in time", times.lateness());
        }

        @Test
        void itsFirstByteBeginsTheTimeOfItsHead() {
            times.awaitRequest(START + 60 * SECOND);
            times.cameIn(START + 50 * SECOND);
            assertMayWait(4, times, START + 50 * SECOND);
            assertEquals("the request's head took more than 4000 ms", times.lateness());
        }
    }

    @Nested
    class AHead {

        @Test
        void hasOneDeadlineHoweverItTrickles() {
            for (int second = 0; second < 4; second++) {
                times.cameIn(START + second * SECOND);
                assertMayWait(4 - second, times, START + second * SECOND);
            }
        }

        @Test
        void thatWasReadAheadInPartHasNotTheTimeOfSilence() {
            times.awaitRequest(START + 60 * SECOND);
            times.expectHead(START);
            assertMayWait(4, times, START);
            assertEquals("the request's head took more than 4000 ms", times.lateness());
        }

        @Test
        void hasNoPace() {
            times.cameIn(START);
            times.waited(3600 * SECOND, 1);
            times.expectRest();
            assertMayWait(4, times, START);
        }
    }

    @Nested
    class ABody {

        @Test
        void mayTrickleForLongerThanTheTimeout() {
            ReadTimes any = times(0);
            any.expectBody();
            for (int second = 0; second < 3600; second++) {
                assertMayWait(4, any, START + second * SECOND);
                any.waited(SECOND, 1);
                any.cameIn(START + (second + 1) * SECOND);
            }
        }

        @Test
        void isLateWhenItIsSilentForTheTimeout() {
            times.expectBody();
            times.waited(4 * SECOND, 0);
            assertEquals("the peer sent nothing for 4000 ms", times.lateness());
        }

        @Test
        void thatTricklesFallsBehindItsPace() {
            times.expectBody();
            for (int second = 0; second < 20; second++) {
                assertMayWait(Math.min(4, 20 - second), times, START + second * SECOND);
                times.waited(SECOND, 0);
            }
            assertMayWait(0, times, START + 20 * SECOND);
            assertEquals("it came at less than min-rate = 500 bytes per second and lagged behind by more than 20000 ms",
                    times.lateness());
        }

        @Test
        void thatIsFastEnoughGoesOnForEver() {
            times.expectBody();
            for (int second = 0; second < 100_000; second++) {
                times.waited(SECOND, 500);
            }
            assertMayWait(4, times, START + 100_000 * SECOND);
        }

        @Test
        void hasNoDeadlineForAll() {
            times.cameIn(START);
            times.expectBody();
            assertMayWait(4, times, START + 3600 * SECOND);
        }

        @Test
        void beginsAnewWithEachRequest() {
            times.expectBody();
            times.waited(19 * SECOND, 0);
            assertMayWait(1, times, START);
            times.expectBody();
            assertMayWait(4, times, START);
        }
    }

    @Nested
    class TheRestOfAnAnsweredRequest {

        @Test
        void hasThePaceOfItsBody() {
            times.expectBody();
            times.waited(18 * SECOND, 0);
            times.expectRest();
            assertMayWait(2, times, START);
            times.waited(2 * SECOND, 1);
            assertEquals(START + 2_000_000, times.deadline(START)); // what one byte is worth
            times.waited(2_000_000, 0);
            assertMayWait(0, times, START);
            assertEquals("the peer sent nothing in time", times.lateness());
        }

        @Test
        void hasTheTimeoutForEachRead() {
            times.expectBody();
            times.expectRest();
            assertMayWait(4, times, START);
            assertMayWait(4, times, START + 10 * SECOND);
        }
    }

    @Nested
    class WhatNobodyWants {

        @Test
        void hasOneDeadlineForAllAndTheTimeoutForEachRead() {
            times.linger(START + 30 * SECOND);
            assertMayWait(4, times, START);
            assertMayWait(4, times, START + 26 * SECOND);
            assertMayWait(1, times, START + 29 * SECOND);
            assertEquals("the peer sent nothing in time", times.lateness());
        }

        @Test
        void hasNoPace() {
            times.expectBody();
            times.linger(START + 30 * SECOND);
            times.waited(25 * SECOND, 0);
            assertMayWait(4, times, START + 25 * SECOND);
        }

        @Test
        void beginsNoRequest() {
            times.linger(START + 3 * SECOND);
            times.cameIn(START + SECOND);
            assertMayWait(2, times, START + SECOND);
        }
    }

    @Nested
    class Hurry {

        @Test
        void givesAnotherRequestLessTime() {
            times.awaitRequest(START + 60 * SECOND);
            assertEquals(START + SECOND, times.hurried(START + SECOND));
            assertMayWait(1, times, START);
        }

        @Test
        void givesTheRestOfAnAnsweredRequestOneDeadline() {
            times.expectRest();
            assertEquals(START + 6 * SECOND, times.hurried(START + 6 * SECOND));
            assertMayWait(4, times, START);
            assertMayWait(1, times, START + 5 * SECOND);
        }

        @Test
        void givesWhatNobodyWantsLessTime() {
            times.linger(START + 30 * SECOND);
            assertEquals(START + SECOND, times.hurried(START + SECOND));
            assertMayWait(1, times, START);
        }

        @Test
        void countsFromTheFirstCall() {
            times.awaitRequest(START + 60 * SECOND);
            times.hurried(START + SECOND);
            assertEquals(START + SECOND, times.hurried(START + 2 * SECOND));
            assertMayWait(1, times, START);
        }

        @Test
        void makesNothingLonger() {
            assertEquals(START + 4 * SECOND, times.hurried(START + 10 * SECOND));
            assertMayWait(4, times, START);
        }

        @Test
        void doesNotTouchARequestThatHasBegun() {
            times.cameIn(START);
            assertEquals(ReadTimes.NEVER, times.hurried(START));
            assertMayWait(4, times, START);
            times.expectBody();
            assertEquals(ReadTimes.NEVER, times.hurried(START));
            assertMayWait(4, times, START);
        }

        @Test
        void isForgottenWhenSomethingElseBegins() {
            times.expectRest();
            times.hurried(START + SECOND);
            times.awaitRequest(START + 60 * SECOND);
            assertMayWait(60, times, START);
            times.hurried(START + SECOND);
            times.cameIn(START);
            assertMayWait(4, times, START);
        }
    }
}
