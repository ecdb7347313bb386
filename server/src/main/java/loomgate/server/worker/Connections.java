package loomgate.server.worker;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import loomgate.server.config.ListenerSettings;
import loomgate.server.config.WorkerSettings;
import loomgate.server.protocol.Codec;
import loomgate.server.protocol.Limits;
import loomgate.server.protocol.Peer;

/// The connections of this worker: how many there may be, which there are, and when the last has ended.
final class Connections {

    /// How long connections without a request are kept by a worker that drains: the gateway may be about to use them.
    private static final Duration IDLE_WHILE_DRAINING = Duration.ofMillis(500);

    private static final Peer OVER_UNIX_SOCKET = new Peer("", 0, "localhost", 0);

    private final WorkerSettings settings;
    private final Exchange exchange;
    private final Phase.Current phase;
    private final DeadlineWatch watch;
    private final Codecs codecs;
    private final Semaphore permits;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private volatile Runnable whenEmpty = () -> {};

    /// @param listeners how many take connections: each keeps a place while it waits for the next, and must not keep the
    ///                  last one from the others
    Connections(WorkerSettings settings, int listeners, Exchange exchange, Phase.Current phase, DeadlineWatch watch) {
        this.settings = settings;
        this.exchange = exchange;
        this.phase = phase;
        this.watch = watch;
        this.codecs = new Codecs(new Limits(settings.bufferSize()));
        this.permits = new Semaphore(settings.maxConnections() + listeners - 1);
    }

    WorkerSettings settings() {
        return settings;
    }

    Exchange exchange() {
        return exchange;
    }

    /// How long a connection may wait for another request.
    Duration idleTime() {
        return phase.get().isDraining() ? IDLE_WHILE_DRAINING : settings.httpKeepalive();
    }

    /// Waits until there may be one more. A worker that is full leaves connections in the kernel's queue, where another
    /// worker finds them.
    void awaitPlace() throws InterruptedException {
        permits.acquire();
    }

    /// Gives back the place that [#awaitPlace()] gave, where no connection came of it.
    void placeUnused() {
        permits.release();
    }

    /// Begins to serve a connection, on the place that [#awaitPlace()] gave.
    void begin(SocketChannel channel, ListenerSettings.Kind kind) throws IOException {
        SocketTransport transport = new SocketTransport(channel, settings.socketTimeout());
        Peer peer = peerOf(channel);
        Codec codec = codecs.open(kind, transport, peer);
        Connection connection = new Connection(channel, transport, codec, peer, this);
        open.add(connection);
        watch.add(transport);
        Thread.startVirtualThread(connection);
    }

    void ended(Connection connection) {
        watch.remove(connection.transport());
        open.remove(connection);
        permits.release();
        if (phase.get().isDraining() && open.isEmpty()) {
            whenEmpty.run();
        }
    }

    int count() {
        return open.size();
    }

    /// Tells when the last connection has ended, from whatever thread sees it.
    void drain(Runnable whenEmpty) {
        this.whenEmpty = whenEmpty;
        if (open.isEmpty()) {
            whenEmpty.run();
        }
    }

    /// Lets idle connections go soon. To be called again and again while the worker drains: a connection may become idle
    /// with the patience of before.
    void hurryIdle() {
        open.forEach(connection -> connection.transport().hurryNextRequest(IDLE_WHILE_DRAINING));
    }

    /// Interrupts what is left.
    void interruptAll() {
        open.forEach(Connection::interrupt);
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
