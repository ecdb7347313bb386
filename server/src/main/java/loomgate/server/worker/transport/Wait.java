package loomgate.server.worker.transport;

import java.util.concurrent.atomic.AtomicLong;

/// The owner of a connection waits for its peer, until a time at most. The owner begins a wait and ends it; others
/// shorten, extend or expire it in between, from any thread.
///
/// What others change is one number, its deadline, and they extend or expire only the one that they have looked at: who
/// comes too late changes nothing, least of all the next wait.
final class Wait {

    /// The deadline when there is nothing to expire.
    static final long NONE = Long.MAX_VALUE;

    private static final long EXPIRED = Long.MIN_VALUE;

    private final AtomicLong deadline = new AtomicLong(NONE); // in nanos
    private volatile boolean isWriting; // changes only between waits, while the deadline is NONE

    /// The owner is about to wait for input.
    ///
    /// @param until how long it may take, a reading of [System#nanoTime()]
    void beginReading(long until) {
        deadline.set(until);
    }

    /// The owner waits no more.
    ///
    /// @return whether the wait had expired
    boolean endReading() {
        return deadline.getAndSet(NONE) == EXPIRED;
    }

    /// The owner is about to wait for the peer to take something.
    void beginWriting(long until) {
        isWriting = true;
        deadline.set(until);
    }

    void endWriting() {
        deadline.set(NONE);
        isWriting = false;
    }

    /// Whether the owner waits. It still does when the wait has expired, until it notices.
    boolean isInProgress() {
        return deadline.get() != NONE;
    }

    /// The time at which the wait is to expire, or [#NONE] if there is no wait, or one that has expired.
    long deadline() {
        long current = deadline.get();
        return current == EXPIRED ? NONE : current;
    }

    /// Whether the wait is for the peer to take something. To be asked after [#deadline()]: since this changes only
    /// between waits, it holds for the wait of that deadline, or that wait has ended and cannot be changed any more.
    boolean isWriting() {
        return isWriting;
    }

    /// Lets the wait for input with a deadline take until `bound` at most.
    void shorten(long current, long bound) {
        if (!isWriting && current != NONE && current > bound) {
            deadline.compareAndSet(current, bound);
        }
    }

    /// Gives the wait with a deadline another one.
    void extend(long current, long next) {
        deadline.compareAndSet(current, next);
    }

    /// Expires the wait with a deadline.
    ///
    /// @return whether there still was such a wait: it is for the caller to see that it ends
    boolean expire(long current) {
        return deadline.compareAndSet(current, EXPIRED);
    }
}
