package loomgate.server.worker;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import loomgate.server.config.ListenerSettings;
import loomgate.server.os.Adoption;
import loomgate.server.os.Descriptor;
import loomgate.server.os.Sockets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A listening socket that this worker shares with others, and the loop that accepts from it.
///
/// The loop ends by closing the channel, never by an interrupt, which could lose a connection that was just accepted. A
/// second channel for the same socket then takes what is left in the kernel's queue, if nobody else will.
final class Listener {

    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
    private static final long REST_SECONDS = 1; // after a failure that does not pass by itself
    private static final Duration STOP_INTERVAL = Duration.ofMillis(100); // at which a loop without a place looks up

    private final ListenerSettings settings;
    private final Descriptor inherited;
    private final boolean isLasting;
    private final Connections connections;
    private final ServerSocketChannel channel;
    private final ServerSocketChannel queue; // the same socket, for the end
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    /// @param isLasting whether what waits is to be left to the next server
    /// @param threads makes the thread that accepts. A platform thread blocks in `accept`, where the kernel wakes one
    ///                process for each connection; a virtual one spares the hand-over to a carrier, but waits by
    ///                polling, which wakes every process that shares the listener
    ///                (docs/decisions/0003-carriers-and-pollers.md)
    Listener(ListenerSettings settings, Descriptor inherited, boolean isLasting, Connections connections,
            Thread.Builder threads) throws IOException {
        this.settings = settings;
        this.inherited = inherited;
        this.isLasting = isLasting;
        this.connections = connections;
        this.channel = Adoption.listener(inherited);
        this.queue = Adoption.listener(inherited);
        this.thread = threads.name("accept " + settings.address()).unstarted(this::acceptUntilStopped);
    }

    void start() {
        connections.hold();
        thread.start();
    }

    /// Ends the loop, without waiting for that. What the kernel has queued is left to others.
    ///
    /// All listeners have to be told before any is waited for: once the master refuses connections, a virtual thread
    /// that accepts finds its unix socket ready and empty again and again, and keeps its carrier from the other loops.
    void stop() {
        stopped.countDown();
        try {
            channel.close();
        } catch (IOException e) {
            LOG.error("{} could not be closed: {}", settings.address(), e.getMessage());
        }
    }

    /// Returns when no more connections come, after [#stop()].
    void awaitStopped() throws InterruptedException {
        thread.join();
    }

    /// Takes the connections that the kernel has queued, on a thread of its own, as places become free: those of a unix
    /// socket to the last one, since new ones are refused from now on; those of a TCP socket until the queue is empty
    /// once; those of one that outlives the server are the next one's. To be called after [#awaitStopped()].
    ///
    /// @param untilNanos when it gives up, a reading of [System#nanoTime()]
    void takeQueued(long untilNanos) {
        if (isLasting) {
            letGoOfSocket();
            return;
        }
        connections.hold();
        Thread.ofPlatform().name("queue " + settings.address()).daemon().start(() -> {
            try {
                if (Adoption.isUnix(inherited)) {
                    Sockets.refuseConnections(inherited);
                }
                queue.configureBlocking(false);
                acceptWhatWaits(untilNanos);
            } catch (IOException e) {
                LOG.error("{}: what waits there cannot be taken: {}", settings.address(), e.getMessage());
            } catch (InterruptedException _) {
                LOG.error("{}: interrupted while connections waited there", settings.address());
            } finally {
                letGoOfSocket();
                connections.letGo();
            }
        });
    }

    private void acceptWhatWaits(long untilNanos) throws InterruptedException {
        while (connections.awaitPlaceUntil(untilNanos)) {
            SocketChannel accepted = acceptIfAny();
            if (accepted == null) {
                connections.placeUnused();
                return;
            }
            connections.begin(accepted, settings.kind());
        }
    }

    private SocketChannel acceptIfAny() {
        try {
            return queue.accept();
        } catch (IOException e) {
            LOG.debug("nothing is left in the queue", e); // EINVAL: the unix socket refuses and is empty
            return null;
        }
    }

    /// A TCP socket goes on taking clients into its queue as long as anybody has it open.
    private void letGoOfSocket() {
        try {
            queue.close();
            inherited.close();
        } catch (IOException e) {
            LOG.error("{} could not be closed: {}", settings.address(), e.getMessage());
        }
    }

    private void acceptUntilStopped() {
        try {
            while (stopped.getCount() > 0) {
                try {
                    if (connections.awaitPlaceUntil(System.nanoTime() + STOP_INTERVAL.toNanos())) {
                        acceptOne();
                    }
                } catch (OutOfMemoryError e) { // the worker is to be replaced, but takes connections until then
                    connections.distress().noticeIfFatal(e, Thread.currentThread());
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody should interrupt this", e);
        } finally {
            connections.letGo();
        }
    }

    private void acceptOne() throws InterruptedException {
        SocketChannel accepted;
        try {
            accepted = channel.accept();
        } catch (ClosedChannelException _) {
            connections.placeUnused();
            return;
        } catch (IOException | RuntimeException | Error e) {
            connections.placeUnused();
            // by the time that this is told, it may turn out that all are stopping
            if (!stopped.await(REST_SECONDS, TimeUnit.SECONDS)) {
                LOG.error("{}: no connection can be accepted: {}; trying again", settings.address(), e.toString());
            }
            return;
        }
        connections.begin(accepted, settings.kind());
    }
}
