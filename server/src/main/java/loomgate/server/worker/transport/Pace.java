package loomgate.server.worker.transport;

import java.time.Duration;
import loomgate.server.config.PaceSettings;

/// Whether a peer sends fast enough that is never silent for long (`min-rate`). A decision about numbers: whoever waits
/// for the peer keeps the time, and no other time counts.
///
/// A bucket of patience: it begins full, waiting empties it, each byte fills it a little, and never beyond what it
/// holds. So a peer may pause, but it cannot save up for a long time in which hardly a byte comes. For one thread.
final class Pace {

    /// What is left where there is no bound.
    static final long UNLIMITED = Long.MAX_VALUE;

    private static final long SECOND = 1_000_000_000; // nanoseconds

    private final long leastPerSecond; // bytes, 0 for no bound
    private final long full; // nanoseconds
    private long left; // nanoseconds; below zero where a wait was longer than it should have been

    Pace(PaceSettings settings) {
        this.leastPerSecond = settings.leastPerSecond();
        this.full = settings.grace().toNanos();
        this.left = full;
    }

    /// Something else begins: what was before is forgotten.
    void begin() {
        left = full;
    }

    /// How long the next wait may be, in nanoseconds, or [#UNLIMITED].
    long left() {
        return leastPerSecond == 0 ? UNLIMITED : Math.max(0, left);
    }

    /// A wait is over.
    ///
    /// @param nanos how long it was
    /// @param bytes what came of it, up to some billions
    void waited(long nanos, long bytes) {
        if (leastPerSecond > 0) {
            left = Math.min(full, left - nanos + bytes * SECOND / leastPerSecond);
        }
    }

    /// For the log, and for whom it concerns.
    String shortfall() {
        return "it came at less than min-rate = " + leastPerSecond + " bytes per second and lagged behind by more than "
                + Duration.ofNanos(full).toMillis() + " ms";
    }
}
