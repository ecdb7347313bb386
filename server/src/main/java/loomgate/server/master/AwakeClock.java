package loomgate.server.master;

import java.time.Duration;
import java.util.function.LongSupplier;

/// A monotonic clock that stands still while this process does not run: with the machine suspended, a container paused,
/// the master stopped. All that was awaited meanwhile could not be heard of, or did not run either, so that it is no
/// reason to kill anybody.
///
/// It has to be read all the time: what is between two readings is a pause if it is long.
final class AwakeClock {

    /// For whoever reads it: not to wait longer than this for anything.
    static final Duration LONGEST_WAIT = Duration.ofMillis(500);

    /// What is between two readings of a thread that waits no longer than that, on a machine that is very busy.
    private static final Duration LONGEST_STEP = Duration.ofMillis(1500);

    private final LongSupplier clock; // monotonic, in nanoseconds
    private long last;
    private long asleep; // nanoseconds that were left out
    private long untold; // of them

    AwakeClock(LongSupplier clock) {
        this.clock = clock;
        this.last = clock.getAsLong();
    }

    long now() {
        long reading = clock.getAsLong();
        long step = reading - last;
        last = reading;
        if (step > LONGEST_STEP.toNanos()) {
            asleep += step;
            untold += step;
        }
        return reading - asleep;
    }

    /// What this clock shows when the other one shows `reading`, if there is no pause until then.
    long at(long reading) {
        return reading - asleep;
    }

    /// How long a pause there was since this was asked last; zero for none.
    Duration pause() {
        now();
        Duration pause = Duration.ofNanos(untold);
        untold = 0;
        return pause;
    }
}
