package loomgate.server.worker.transport;

import java.time.Duration;
import java.util.function.LongSupplier;
import loomgate.server.config.PaceSettings;

/// Whether a peer takes enough of what it is sent. A write may take `socket-timeout`, and longer as long as the peer
/// takes bytes: the kernel makes room for more only when a good part of what it holds is gone, which a slow peer may
/// need longer for.
///
/// A decision about numbers, for the thread that watches: it says which write it sees wait and what time it is, and is
/// asked what the kernel holds only when that matters.
final class Uptake {

    /// What is to become of a write that waits.
    enum Verdict {
        /// Its time is not over.
        WAIT,
        /// The peer takes enough: the write has time until [Uptake#until()].
        MORE_TIME,
        /// The peer takes too little: the write is to end.
        TOO_SLOW
    }

    private final Duration timeout;
    private final long leastTaken; // bytes within `timeout`, by a peer that keeps a write waiting
    private long until = Long.MAX_VALUE; // of the write that is seen to wait: tells it from others
    private long unsentThen; // what the kernel held when that window of time began

    Uptake(Duration timeout, PaceSettings pace) {
        this.timeout = timeout;
        this.leastTaken = Math.max(1, pace.leastPerSecond() * timeout.toMillis() / 1000);
    }

    /// Looks at a write that waits.
    ///
    /// @param writeUntil how long it may wait, a reading of [System#nanoTime()] as `now`
    /// @param unsent     tells how many bytes the kernel holds for the peer
    Verdict look(long writeUntil, long now, LongSupplier unsent) {
        if (writeUntil != until) {
            begin(writeUntil, unsent.getAsLong());
        }
        if (now < until) {
            return Verdict.WAIT;
        }
        long unsentNow = unsent.getAsLong();
        if (unsentThen - unsentNow < leastTaken) {
            return Verdict.TOO_SLOW;
        }
        begin(now + timeout.toNanos(), unsentNow);
        return Verdict.MORE_TIME;
    }

    private void begin(long end, long unsent) {
        until = end;
        unsentThen = unsent;
    }

    /// How long the write may wait that was looked at. It does not matter if that has ended meanwhile: another is told
    /// apart by its own time.
    long until() {
        return until;
    }

    /// For the log, and for whom it concerns. From any thread.
    String shortfall() {
        return "the peer took less than " + leastTaken + " bytes in " + timeout.toMillis() + " ms";
    }
}
