package loomgate.server.worker.recycling;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import loomgate.server.control.EndCause;
import loomgate.server.control.Vitals;
import loomgate.server.control.WorkerLabel;
import loomgate.server.os.ProcessMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks every second at what the worker uses, has it replaced when that is too much, and promises the master to be
/// heard of again. On a platform thread: it goes on when virtual ones do not, and stops when the process as a whole
/// does.
public final class Heartbeat {

    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /// A worker that does hardly anything but collect garbage does not count as alive.
    private static final double MOST_COLLECTING = 0.98; // of the time

    /// Between full collections that have helped.
    private static final Duration REST = Duration.ofSeconds(10);

    /// Whom it tells.
    public interface Listener {

        /// The worker lives, and promises to say so again before that time.
        void alive(long fineUntil, Vitals vitals) throws IOException;

        void replaceWorker(EndCause cause, String detail);

        /// Memory ran out, for the heartbeat itself.
        void outOfMemory(OutOfMemoryError error);
    }

    private final WorkerLabel label;
    private final WorkerLimits limits;
    private final Duration timeout;
    private final LongSupplier requests;
    private final Listener listener;
    private final List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans().stream()
            .filter(collector -> stopsTheApplication(collector.getName()))
            .toList();
    private final long started = System.nanoTime();
    private long lookedAt = started;
    private long collectingMillis;
    private long collectAgainAt = started;
    private boolean hasAsked; // to be replaced for its memory

    /// @param limits   of this worker
    /// @param timeout  for how long it promises
    /// @param requests answered until now
    public Heartbeat(
            WorkerLabel label, WorkerLimits limits, Duration timeout, LongSupplier requests, Listener listener) {
        this.label = label;
        this.limits = limits;
        this.timeout = timeout;
        this.requests = requests;
        this.listener = listener;
    }

    public void start() {
        Thread.ofPlatform().name("heartbeat").daemon().start(this::beatForEver);
    }

    private void beatForEver() {
        long interval = Math.min(INTERVAL.toNanos(), timeout.toNanos() / 3);
        while (true) {
            try {
                beatOnce();
            } catch (OutOfMemoryError _) { // even for that; it is tried again
            }
            LockSupport.parkNanos(this, interval);
        }
    }

    private void beatOnce() {
        try {
            beat();
        } catch (IOException e) {
            LOG.debug("{}: nobody can be told that it is alive", label, e); // the master has gone; that is noticed
        } catch (OutOfMemoryError e) { // not alive enough to promise anything
            listener.outOfMemory(e);
        } catch (RuntimeException | Error e) {
            tell(() -> LOG.error("{}: this is a fault of Loomgate's own", label, e));
        }
    }

    /// On another thread: a log that takes nothing must not look like a worker that hangs.
    private static void tell(Runnable logging) {
        Thread.ofPlatform().daemon().name("heartbeat-report").start(logging);
    }

    private void beat() throws IOException {
        Vitals vitals = vitals();
        replaceIfTooMuch(vitals);
        if (!isCollectingOnly()) {
            listener.alive(System.nanoTime() + timeout.toNanos(), vitals);
        }
    }

    private Vitals vitals() throws IOException {
        ProcessMemory memory = ProcessMemory.ofSelf();
        return new Vitals(requests.getAsLong(), memory.addressSpace(), memory.resident());
    }

    private void replaceIfTooMuch(Vitals vitals) throws IOException {
        if (!limits.isOldEnough(Duration.ofNanos(System.nanoTime() - started))) {
            return;
        }
        if (limits.areEnough(vitals.requests())) { // it was when it was too young
            listener.replaceWorker(EndCause.MAX_REQUESTS, vitals.requests() + " requests");
        }
        if (hasAsked || limits.exceededMemory(vitals).isEmpty() || System.nanoTime() - collectAgainAt < 0) {
            return;
        }
        System.gc(); // what is only garbage is no reason to go
        Vitals after = vitals();
        Optional<EndCause> cause = limits.exceededMemory(after);
        long heap = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        String figures = "address space " + megabytes(after.addressSpace()) + ", rss " + megabytes(after.resident())
                + ", heap used " + megabytes(heap) + " after a full collection";
        if (cause.isPresent()) {
            hasAsked = true; // to collect again and again while the successor starts would only stop the requests
            listener.replaceWorker(cause.get(), figures);
        } else {
            tell(() -> LOG.info("{}: memory was above its limit with address space {}, rss {}; it was garbage: {}",
                    label, megabytes(vitals.addressSpace()), megabytes(vitals.resident()), figures));
        }
        collectAgainAt = System.nanoTime() + REST.toNanos();
    }

    private boolean isCollectingOnly() {
        long now = System.nanoTime();
        long millis = collectors.stream().mapToLong(GarbageCollectorMXBean::getCollectionTime).sum();
        double share = (double) TimeUnit.MILLISECONDS.toNanos(millis - collectingMillis) / (now - lookedAt);
        lookedAt = now;
        collectingMillis = millis;
        return share >= MOST_COLLECTING;
    }

    /// ZGC and Shenandoah have beans for their cycles, `ZGC Minor Cycles`, during which the application runs, and
    /// others for their pauses.
    static boolean stopsTheApplication(String collector) {
        return !collector.endsWith(" Cycles");
    }

    private static String megabytes(long bytes) {
        return bytes / (1024 * 1024) + " MB";
    }
}
