package loomgate.server.master.table;

import java.time.Duration;

/// How long to wait before a worker is started again that keeps dying: not at all after the first short life, then
/// twice as long each time.
final class BackOff {

    /// A worker that served for this long was not a failed start.
    static final Duration SHORT_LIFE = Duration.ofSeconds(1);

    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private BackOff() {}

    /// @param shortLives in a row, the last one included
    static Duration after(int shortLives) {
        if (shortLives <= 1) {
            return Duration.ZERO;
        }
        int doublings = Math.min(shortLives - 2, 20);
        Duration delay = FIRST.multipliedBy(1L << doublings);
        return delay.compareTo(LONGEST) < 0 ? delay : LONGEST;
    }
}
