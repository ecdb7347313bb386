package loomgate.server.worker;

import java.util.OptionalLong;

/// Counts what may happen often, and is told of once a second at most. For all threads.
final class OnceASecond {

    private static final long INTERVAL_NANOS = 1_000_000_000;

    private long count;
    private long toldAt = System.nanoTime() - INTERVAL_NANOS;

    /// It has happened once more.
    ///
    /// @return how often since the last time that it was told, if it is to be told now
    synchronized OptionalLong add() {
        count++;
        long now = System.nanoTime();
        if (now - toldAt < INTERVAL_NANOS) {
            return OptionalLong.empty();
        }
        long untold = count;
        count = 0;
        toldAt = now;
        return OptionalLong.of(untold);
    }
}
