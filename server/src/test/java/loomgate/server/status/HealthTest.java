package loomgate.server.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HealthTest {

    private long now = Long.MAX_VALUE; // overflows soon
    private final Health health = new Health(() -> now);

    @Test
    void beforeTheMasterSaysAnythingItStarts() {
        assertTrue(health.isLive());
        assertEquals(Readiness.STARTING, health.readiness());
    }

    @Test
    void aMasterThatFallsSilentIsNotLive() {
        health.turned(Readiness.READY);
        now += Health.LONGEST_SILENCE.toNanos() - 1;
        assertTrue(health.isLive());
        now++;
        assertFalse(health.isLive());
        assertEquals(Readiness.READY, health.readiness(), "its workers serve on");
        health.turned(Readiness.NOBODY_SERVES);
        assertTrue(health.isLive());
        assertEquals(Readiness.NOBODY_SERVES, health.readiness());
    }
}
