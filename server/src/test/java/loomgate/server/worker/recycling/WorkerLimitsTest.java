package loomgate.server.worker.recycling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import loomgate.server.config.RecyclingSettings;
import loomgate.server.control.EndCause;
import loomgate.server.control.Vitals;
import org.junit.jupiter.api.Test;

class WorkerLimitsTest {

    @Test
    void requestsAreSpreadOverTheLastTenth() {
        long[] limits = IntStream.range(0, 1000).mapToLong(seed -> limits(500, 0, 1, seed).requests())
                .sorted().toArray();
        assertEquals(450, limits[0]);
        assertEquals(500, limits[999]);
    }

    @Test
    void deltaIsAddedForEachWorkerAfterTheFirst() {
        assertTrue(limits(500, 1000, 1, 7).requests() <= 500);
        long third = limits(500, 1000, 3, 7).requests();
        assertTrue(third <= 2500 && third >= 2250, "" + third);
    }

    @Test
    void withoutMaxRequestsAnyNumberWillDo() {
        assertFalse(limits(0, 10, 2, 1).areEnough(Long.MAX_VALUE));
    }

    @Test
    void enoughIsEnough() {
        WorkerLimits limits = new WorkerLimits(10, 0, 0, Duration.ofSeconds(5));
        assertFalse(limits.areEnough(9));
        assertTrue(limits.areEnough(10));
        assertTrue(limits.areEnough(11));
        assertFalse(limits.isOldEnough(Duration.ofMillis(4999)));
        assertTrue(limits.isOldEnough(Duration.ofSeconds(5)));
    }

    @Test
    void memoryIsExceededWhenItReachesTheLimit() {
        WorkerLimits limits = new WorkerLimits(0, 1000, 100, Duration.ZERO);
        assertEquals(Optional.empty(), limits.exceededMemory(new Vitals(0, 999, 99)));
        assertEquals(Optional.of(EndCause.ADDRESS_SPACE), limits.exceededMemory(new Vitals(0, 1000, 99)));
        assertEquals(Optional.of(EndCause.RESIDENT_MEMORY), limits.exceededMemory(new Vitals(0, 999, 100)));
    }

    @Test
    void limitThatAFreshWorkerHasReachedDoesNotCount() {
        WorkerLimits limits = new WorkerLimits(0, 1000, 100, Duration.ZERO).above(new Vitals(0, 900, 120));
        assertEquals(Optional.empty(), limits.exceededMemory(new Vitals(0, 999, 500)));
        assertEquals(Optional.of(EndCause.ADDRESS_SPACE), limits.exceededMemory(new Vitals(0, 1000, 500)));
    }

    private static WorkerLimits limits(long requests, long delta, int worker, long seed) {
        return WorkerLimits.of(new RecyclingSettings(requests, delta, 0, 0, 0, 0, Duration.ZERO, Duration.ZERO), worker,
                new Random(seed));
    }
}
