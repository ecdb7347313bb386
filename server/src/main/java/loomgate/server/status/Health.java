package loomgate.server.status;

import java.time.Duration;
import java.util.function.LongSupplier;

/// How the server is. The master's thread says so each time that its loop comes around; any thread may look.
public final class Health {

    /// After so long a silence something is wrong with the master: its loop comes around twice a second.
    static final Duration LONGEST_SILENCE = Duration.ofSeconds(10);

    private record Said(Readiness readiness, long at) {}

    private final LongSupplier clock;
    private volatile Said last;

    /// @param clock monotonic, in nanoseconds
    public Health(LongSupplier clock) {
        this.clock = clock;
        turned(Readiness.STARTING);
    }

    /// The master's loop has come around.
    public void turned(Readiness readiness) {
        last = new Said(readiness, clock.getAsLong());
    }

    /// As the master said last.
    Readiness readiness() {
        return last.readiness();
    }

    /// Whether the master still says something.
    boolean isLive() {
        return clock.getAsLong() - last.at() < LONGEST_SILENCE.toNanos();
    }
}
