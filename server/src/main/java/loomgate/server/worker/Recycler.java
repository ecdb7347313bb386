package loomgate.server.worker;

import java.io.IOException;
import java.time.Duration;
import loomgate.server.control.EndCause;
import loomgate.server.control.Vitals;
import loomgate.server.worker.recycling.Heartbeat;
import loomgate.server.worker.recycling.WorkerLimits;

/// Has the worker replaced when it has used up what it may, and passes its signs of life on to the master.
final class Recycler implements Heartbeat.Listener {

    private final WorkerLimits limits;
    private final Orders orders;
    private final Distress distress;
    private final long started = System.nanoTime();

    Recycler(WorkerLimits limits, Orders orders, Distress distress) {
        this.limits = limits;
        this.orders = orders;
        this.distress = distress;
    }

    /// @param count requests answered until now, that one included
    void requestAnswered(long count) {
        if (limits.areEnough(count) && limits.isOldEnough(Duration.ofNanos(System.nanoTime() - started))) {
            replaceWorker(EndCause.MAX_REQUESTS, count + " requests");
        }
    }

    @Override
    public void alive(long fineUntil, Vitals vitals) throws IOException {
        orders.sayAlive(fineUntil, vitals);
    }

    @Override
    public void replaceWorker(EndCause cause, String detail) {
        orders.askToBeReplaced(cause, detail);
    }

    @Override
    public void outOfMemory(OutOfMemoryError error) {
        distress.noticeIfFatal(error, Thread.currentThread());
    }
}
