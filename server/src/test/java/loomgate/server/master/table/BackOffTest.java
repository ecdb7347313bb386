package loomgate.server.master.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackOffTest {

    @Test
    void firstShortLifeCostsNothing() {
        assertEquals(Duration.ZERO, BackOff.after(0));
        assertEquals(Duration.ZERO, BackOff.after(1));
    }

    @Test
    void delayDoublesFromATenthOfASecond() {
        assertEquals(Duration.ofMillis(100), BackOff.after(2));
        assertEquals(Duration.ofMillis(200), BackOff.after(3));
        assertEquals(Duration.ofMillis(25_600), BackOff.after(10));
    }

    @Test
    void delayEndsAtHalfAMinute() {
        assertEquals(Duration.ofSeconds(30), BackOff.after(11));
        assertEquals(Duration.ofSeconds(30), BackOff.after(Integer.MAX_VALUE));
    }
}
