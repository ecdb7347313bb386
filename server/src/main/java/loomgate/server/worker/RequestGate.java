package loomgate.server.worker;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Lets a number of requests run at once (`threads`); the others wait for a bounded time (`threads-wait`).
final class RequestGate {

    private final Semaphore free;
    private final Duration wait;

    RequestGate(int threads, Duration wait) {
        this.free = new Semaphore(threads, true);
        this.wait = wait;
    }

    /// Whether the request may run; then [#leave()] has to follow.
    boolean enter() throws InterruptedException {
        return free.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS); // in the order of arrival
    }

    void leave() {
        free.release();
    }
}
