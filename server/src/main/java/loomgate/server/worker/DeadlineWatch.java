package loomgate.server.worker;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends waits whose time is over, up to [#TICK_NANOS] late, from one platform thread that looks at every open
/// connection. To compare some thousand numbers now and then costs less than to keep them sorted at each read and
/// write.
final class DeadlineWatch {

    private static final Logger LOG = LoggerFactory.getLogger(DeadlineWatch.class);
    private static final long TICK_NANOS = 50_000_000;

    private final Set<SocketTransport> watched = ConcurrentHashMap.newKeySet();
    private final Thread thread = Thread.ofPlatform().name("deadline-watch").daemon().unstarted(this::watch);
    private volatile boolean isIdle; // nothing to watch: the thread is parked, or about to be

    void start() {
        thread.start();
    }

    void add(SocketTransport transport) {
        watched.add(transport);
        if (isIdle) {
            isIdle = false;
            LockSupport.unpark(thread);
        }
    }

    void remove(SocketTransport transport) {
        watched.remove(transport);
    }

    private void watch() {
        while (true) {
            long now = System.nanoTime();
            for (SocketTransport transport : watched) {
                expire(transport, now);
            }
            isIdle = watched.isEmpty();
            if (isIdle && watched.isEmpty()) { // asked again: one may have come before isIdle was seen
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, TICK_NANOS);
            }
        }
    }

    private static void expire(SocketTransport transport, long now) {
        try {
            transport.expireIfOverdue(now);
        } catch (IOException e) {
            LOG.debug("a connection was gone when its time was over", e);
        } catch (RuntimeException e) { // the other connections must not lose their watch
            LOG.error("this is a fault of Loomgate's own", e);
        }
    }
}
