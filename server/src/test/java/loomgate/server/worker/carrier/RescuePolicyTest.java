package loomgate.server.worker.carrier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import loomgate.server.worker.carrier.CarrierState.Normal;
import loomgate.server.worker.carrier.CarrierState.Rescued;
import org.junit.jupiter.api.Test;

class RescuePolicyTest {

    private static final long NOW = Long.MAX_VALUE - 5; // readings of the clock may overflow

    private final RescuePolicy policy = new RescuePolicy(2, 6);

    @Test
    void nothingChangesWhileProbesRun() {
        assertEquals(new Normal(), policy.next(new Normal(), 0, 0, NOW));
        assertEquals(new Normal(), policy.next(new Normal(), millis(99), 2, NOW));
    }

    @Test
    void carriersAreAddedWhenWorkWaitsForThoseThatAreKept() {
        assertEquals(new Rescued(2, NOW), policy.next(new Normal(), millis(100), 1, NOW));
        assertEquals(new Rescued(3, NOW), policy.next(new Normal(), millis(100), 3, NOW));
    }

    @Test
    void whenNobodyIsKnownToKeepOneItTakesLonger() {
        assertEquals(new Normal(), policy.next(new Normal(), millis(999), 0, NOW));
        assertEquals(new Rescued(2, NOW), policy.next(new Normal(), millis(1000), 0, NOW));
    }

    @Test
    void moreAreAddedUpToTheBound() {
        assertEquals(new Rescued(4, NOW), policy.next(new Rescued(2, 0), millis(100), 2, NOW));
        assertEquals(new Rescued(6, NOW), policy.next(new Rescued(5, 0), millis(100), 2, NOW));
        assertEquals(new Rescued(6, NOW), policy.next(new Rescued(6, 0), millis(100), 2, NOW));
    }

    @Test
    void theyStayAsLongAsSomebodyKeepsOne() {
        long later = NOW + TimeUnit.HOURS.toNanos(1);
        assertEquals(new Rescued(2, later), policy.next(new Rescued(2, NOW), 0, 1, later));
    }

    @Test
    void theyGoWhenAllHasBeenWellForAWhile() {
        Rescued rescued = new Rescued(2, NOW);
        assertEquals(rescued, policy.next(rescued, 0, 0, NOW + millis(999)));
        assertEquals(new Normal(), policy.next(rescued, 0, 0, NOW + millis(1000)));
    }

    private static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
