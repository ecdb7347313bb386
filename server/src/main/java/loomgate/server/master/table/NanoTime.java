package loomgate.server.master.table;

import java.util.OptionalLong;

/// Readings of the monotonic clock, in nanoseconds. They are compared by their difference, since they may overflow.
public final class NanoTime {

    private NanoTime() {}

    public static boolean isDue(long time, long now) {
        return time - now <= 0;
    }

    static boolean isDue(OptionalLong time, long now) {
        return time.isPresent() && isDue(time.getAsLong(), now);
    }

    static long later(long one, long other) {
        return one - other > 0 ? one : other;
    }

    /// The earlier of those that there are.
    static OptionalLong earlier(OptionalLong one, OptionalLong other) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.isEmpty() ? other : one;
        }
        return one.getAsLong() - other.getAsLong() <= 0 ? one : other;
    }
}
