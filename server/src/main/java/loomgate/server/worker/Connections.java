package loomgate.server.worker;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import loomgate.server.config.ListenerSettings;
import loomgate.server.config.WorkerSettings;
import loomgate.server.protocol.Limits;
import loomgate.server.protocol.Peer;
import loomgate.server.worker.harakiri.Harakiri;
import loomgate.server.worker.harakiri.RunningRequest;
import loomgate.server.worker.transport.DeadlineWatch;
import loomgate.server.worker.transport.SocketTransport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connections of this worker: how many there may be, which there are, and when the last has ended.
final class Connections {

    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    /// How long connections without a request are kept by a worker that drains: the gateway may be about to use them,
    /// or to read its answer before it ends what it was sending.
    private static final Duration IDLE_WHILE_DRAINING = Duration.ofMillis(500);

    private static final Peer OVER_UNIX_SOCKET = new Peer("", 0, "localhost", 0);

    private final WorkerSettings settings;
    private final Exchange exchange;
    private final Harakiri harakiri;
    private final Distress distress;
    private final Phase.Current phase;
    private final DeadlineWatch watch;
    private final Codecs codecs;
    private final Admission admission;
    private final Semaphore places;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();

    /// Connections, and one for each who may still bring some: while it is above 0, there is something to wait for.
    private final AtomicInteger users = new AtomicInteger();

    /// @param openFiles  that this process may have
    /// @param listeners  each holds a place while it waits for a connection, which is not taken from the others
    Connections(WorkerSettings settings, long openFiles, int listeners, Exchange exchange, Harakiri harakiri,
            Phase.Current phase, DeadlineWatch watch, Distress distress) {
        this.settings = settings;
        this.exchange = exchange;
        this.harakiri = harakiri;
        this.distress = distress;
        this.phase = phase;
        this.watch = watch;
        this.admission = new Admission(settings.access());
        this.codecs = new Codecs(new Limits(settings.bufferSize()));
        this.places = new Semaphore(settings.connectionsWithin(openFiles) + listeners - 1);
    }

    WorkerSettings settings() {
        return settings;
    }

    Exchange exchange() {
        return exchange;
    }

    Admission admission() {
        return admission;
    }

    Codecs codecs() {
        return codecs;
    }

    Harakiri harakiri() {
        return harakiri;
    }

    Distress distress() {
        return distress;
    }

    /// The requests that run now.
    List<RunningRequest> requests() {
        return open.stream().map(Connection::request).flatMap(Optional::stream).toList();
    }

    /// How long a connection may wait for another request.
    Duration idleTime() {
        return phase.get().isDraining() ? IDLE_WHILE_DRAINING : settings.httpKeepalive();
    }

    /// Somebody begins to bring connections: until [#letGo()] there is something to wait for.
    void hold() {
        users.incrementAndGet();
    }

    void letGo() {
        if (users.decrementAndGet() == 0) {
            synchronized (users) {
                users.notifyAll();
            }
        }
    }

    /// Waits until there may be one more, no longer than until a time, a reading of [System#nanoTime()]. A worker that
    /// is full leaves connections in the kernel's queue, where another worker finds them.
    boolean awaitPlaceUntil(long untilNanos) throws InterruptedException {
        return places.tryAcquire(untilNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    /// Gives back a place of which no connection came.
    void placeUnused() {
        places.release();
    }

    /// Begins to serve a connection, on a place that was waited for. If that fails, connection and place are given
    /// back.
    void begin(SocketChannel channel, ListenerSettings.Kind kind) {
        Connection connection;
        try {
            SocketTransport transport = new SocketTransport(channel, settings.socketTimeout(), settings.pace());
            Peer peer = peerOf(channel);
            connection = new Connection(channel, transport, codecs.open(kind, transport, peer), peer, this);
        } catch (IOException e) {
            LOG.debug("a connection was gone when it was accepted", e);
            discard(channel);
            return;
        } catch (OutOfMemoryError e) {
            discard(channel);
            throw e;
        }
        hold();
        open.add(connection);
        watch.add(connection);
        try {
            Thread.startVirtualThread(connection);
        } catch (RuntimeException | Error e) {
            LOG.error("a connection cannot be served", e);
            close(channel);
            ended(connection);
        }
    }

    private void discard(SocketChannel channel) {
        placeUnused();
        close(channel);
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("a connection could not be closed", e);
        }
    }

    void ended(Connection connection) {
        watch.remove(connection);
        open.remove(connection);
        places.release();
        connection.stopCounting();
    }

    /// Whether there is no connection and nobody who brings one, within the given time.
    boolean awaitUnused(Duration atMost) throws InterruptedException {
        long until = System.nanoTime() + atMost.toNanos();
        synchronized (users) {
            for (long left = atMost.toNanos(); users.get() > 0 && left > 0; left = until - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(users, left);
            }
        }
        return users.get() == 0;
    }

    int count() {
        return open.size();
    }

    /// Lets those go soon whose requests are answered, whatever they still send. To be called again and again while the
    /// worker drains: a connection may become idle with the patience of before.
    void hurryIdle() {
        open.forEach(connection -> connection.transport().hurry(IDLE_WHILE_DRAINING));
    }

    /// Interrupts what is left.
    void interruptAll() {
        open.forEach(Connection::interrupt);
    }

    /// Sees to it that answers that the end of the process cuts off do not look complete.
    void cutAll() {
        open.forEach(Connection::cut);
    }

    private static Peer peerOf(SocketChannel channel) throws IOException {
        SocketAddress remote = channel.getRemoteAddress();
        if (!(remote instanceof InetSocketAddress client)) {
            return OVER_UNIX_SOCKET;
        }
        InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
        return new Peer(client.getAddress().getHostAddress(), client.getPort(), local.getAddress().getHostAddress(),
                local.getPort());
    }
}
