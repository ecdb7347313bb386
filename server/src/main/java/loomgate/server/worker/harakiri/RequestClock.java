package loomgate.server.worker.harakiri;

/// How long a request has taken, and how much of that counts: the clock stands still while the request waits for its
/// client's body before anybody else has to do with it. Stopped and started by the request's owner, read from any
/// thread. All times are nanoseconds, `now` is a reading of [System#nanoTime()].
final class RequestClock {

    private static final long RUNNING = -1;

    private final long began;
    private volatile long countsFrom; // written before `stoppedAt`, and read behind it
    private volatile long stoppedAt = RUNNING; // what counted when it was stopped

    RequestClock(long now) {
        this.began = now;
        this.countsFrom = now;
    }

    /// Since the request began, stops and all.
    long age(long now) {
        return now - began;
    }

    /// The part of the age that counts.
    long counted(long now) {
        long stopped = stoppedAt;
        return stopped == RUNNING ? now - countsFrom : stopped;
    }

    void stop(long now) {
        stoppedAt = counted(now);
    }

    void start(long now) {
        countsFrom = now - stoppedAt;
        stoppedAt = RUNNING;
    }
}
