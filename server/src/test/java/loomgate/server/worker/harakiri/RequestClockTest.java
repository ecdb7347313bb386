package loomgate.server.worker.harakiri;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RequestClockTest {

    private static final long BEGAN = Long.MAX_VALUE - 500; // the clock may go over its end

    private final RequestClock clock = new RequestClock(BEGAN);

    @Test
    void allOfTheAgeCountsUntilItIsStopped() {
        assertEquals(0, clock.counted(BEGAN));
        assertEquals(300, clock.counted(BEGAN + 300));
    }

    @Test
    void itStandsStillWhileItIsStopped() {
        clock.stop(BEGAN + 100);
        assertEquals(100, clock.counted(BEGAN + 100));
        assertEquals(100, clock.counted(BEGAN + 900));
        assertEquals(900, clock.age(BEGAN + 900));
    }

    @Test
    void itGoesOnWhereItWas() {
        clock.stop(BEGAN + 100);
        clock.start(BEGAN + 700);
        assertEquals(100, clock.counted(BEGAN + 700));
        assertEquals(150, clock.counted(BEGAN + 750));
        assertEquals(750, clock.age(BEGAN + 750));
    }

    @Test
    void allItsStopsAreLeftOut() {
        clock.stop(BEGAN + 100);
        clock.start(BEGAN + 200);
        clock.stop(BEGAN + 300);
        clock.start(BEGAN + 1000);
        assertEquals(250, clock.counted(BEGAN + 1050));
    }
}
