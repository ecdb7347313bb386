package loomgate.server.master;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class AwakeClockTest {

    private static final long START = Long.MAX_VALUE - 1_000_000_000L; // it overflows

    private long reading = START;
    private final AwakeClock clock = new AwakeClock(() -> reading);

    @Test
    void goesAsTheOtherWhileItIsRead() {
        for (int i = 1; i <= 100; i++) {
            pass(AwakeClock.LONGEST_WAIT.toMillis());
            assertEquals(START + i * AwakeClock.LONGEST_WAIT.toNanos(), clock.now());
        }
    }

    @Test
    void standsStillDuringAPause() {
        pass(200);
        long before = clock.now();
        pass(60_000);
        assertEquals(Duration.ofSeconds(60), clock.pause());
        assertEquals(before, clock.now());
        pass(200);
        assertEquals(Duration.ZERO, clock.pause());
        assertEquals(before + Duration.ofMillis(200).toNanos(), clock.now());
    }

    @Test
    void severalPausesAddUp() {
        for (int i = 0; i < 3; i++) {
            pass(3_000);
            assertEquals(Duration.ofSeconds(3), clock.pause());
        }
        assertEquals(START, clock.now());
    }

    @Test
    void translatesWhatOthersReadFromTheirs() {
        pass(60_000);
        clock.pause();
        assertEquals(clock.now() + Duration.ofSeconds(30).toNanos(),
                clock.at(reading + Duration.ofSeconds(30).toNanos()));
    }

    private void pass(long ms) {
        reading += ms * 1_000_000;
    }
}
