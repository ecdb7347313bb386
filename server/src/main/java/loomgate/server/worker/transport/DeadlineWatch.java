package loomgate.server.worker.transport;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at everything whose time may be over, from one platform thread, so that it is noticed up to [#TICK_NANOS]
/// late. To compare some thousand numbers now and then costs less than to keep them sorted at each read and write.
public final class DeadlineWatch {

    private static final Logger LOG = LoggerFactory.getLogger(DeadlineWatch.class);
    private static final long TICK_NANOS = 50_000_000;

    /// How long it sleeps when there is nothing to watch. Not for ever: the thread that would wake it may wait for a
    /// carrier, and it is this one that sees to that.
    private static final long IDLE_NANOS = 1_000_000_000;

    private final Set<Watched> watched = ConcurrentHashMap.newKeySet();
    private final LongPredicate eachRound;
    private final Consumer<Throwable> onFault;
    private final AtomicBoolean isTelling = new AtomicBoolean();
    private boolean isAwaited; // soon, by eachRound
    private final Thread thread = Thread.ofPlatform().name("deadline-watch").daemon().unstarted(this::watch);
    private volatile boolean isIdle; // nothing to watch: the thread is parked, or about to be

    /// @param eachRound also called each time, with a reading of [System#nanoTime()]; must not wait for anything;
    ///                  returns whether it is to be called again soon
    /// @param onFault   told of what went wrong with the watch itself, on another thread
    public DeadlineWatch(LongPredicate eachRound, Consumer<Throwable> onFault) {
        this.eachRound = eachRound;
        this.onFault = onFault;
    }

    public void start() {
        thread.start();
    }

    public void add(Watched one) {
        watched.add(one);
        if (isIdle) {
            isIdle = false;
            LockSupport.unpark(thread);
        }
    }

    public void remove(Watched one) {
        watched.remove(one);
    }

    private void watch() {
        while (true) {
            long now = System.nanoTime();
            for (Watched one : watched) {
                guarded(() -> one.check(now));
            }
            guarded(() -> isAwaited = eachRound.test(now));
            isIdle = watched.isEmpty() && !isAwaited;
            // asked again: one may have come before isIdle was seen
            LockSupport.parkNanos(this, isIdle && watched.isEmpty() ? IDLE_NANOS : TICK_NANOS);
        }
    }

    private interface Look {
        void run() throws IOException;
    }

    /// The others must not lose their watch by what happens to one.
    private void guarded(Look look) {
        try {
            look.run();
        } catch (IOException e) {
            LOG.debug("a connection was gone when its time was over", e);
        } catch (RuntimeException | Error e) {
            tellApart(e);
        }
    }

    /// On another thread, because the log may take nothing for ever; not at all while another is being told.
    private void tellApart(Throwable fault) {
        if (!isTelling.compareAndSet(false, true)) {
            return;
        }
        try {
            Thread.ofPlatform().daemon().name("deadline-watch-fault").start(() -> {
                try {
                    onFault.accept(fault);
                    LOG.error("this is a fault of Loomgate's own", fault);
                } finally {
                    isTelling.set(false);
                }
            });
        } catch (Error _) { // out of memory: nobody can be told, but the watch goes on
            isTelling.set(false);
        }
    }
}
