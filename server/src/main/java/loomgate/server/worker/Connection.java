package loomgate.server.worker;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import loomgate.api.Response;
import loomgate.server.net.PeerGone;
import loomgate.server.net.ReadTimeout;
import loomgate.server.os.OsException;
import loomgate.server.os.PeerState;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.Codec;
import loomgate.server.protocol.Peer;
import loomgate.server.protocol.RequestHead;
import loomgate.server.worker.harakiri.ClientConnection;
import loomgate.server.worker.harakiri.Harakiri;
import loomgate.server.worker.harakiri.RunningRequest;
import loomgate.server.worker.transport.SocketTransport;
import loomgate.server.worker.transport.Watched;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection from its acceptance to its end: owns the socket and the loop of requests, on a virtual thread of its
/// own.
final class Connection implements Runnable, Watched, ClientConnection {

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    /// nginx's own limit for the same purpose (`lingering_time`).
    private static final Duration LONGEST_LINGER = Duration.ofSeconds(30);

    /// Of what nobody will read; who sends more than that before looking for an answer is sent away by a reset.
    private static final long MOST_LINGERED = 256L * 1024 * 1024; // bytes

    /// Of a peer that is not to hold a connection: a gateway reads its answer at once.
    private static final Duration LONGEST_COURTESY = Duration.ofSeconds(1);

    private final SocketChannel channel;
    private final SocketTransport transport;
    private final Codec codec;
    private final Peer peer;
    private final Connections all;
    private final AtomicBoolean isCounted = new AtomicBoolean(true); // among those whose end is waited for
    private volatile Thread thread;
    private volatile RunningRequest request; // null between requests

    Connection(SocketChannel channel, SocketTransport transport, Codec codec, Peer peer, Connections all) {
        this.channel = channel;
        this.transport = transport;
        this.codec = codec;
        this.peer = peer;
        this.all = all;
    }

    SocketTransport transport() {
        return transport;
    }

    /// The request that it has, if it has one.
    Optional<RunningRequest> request() {
        return Optional.ofNullable(request);
    }

    /// Sees to it that the end of an answer that is being sent is no good end, however it comes.
    void cut() {
        RunningRequest running = request;
        if (running != null && running.cut()) {
            cutWhenClosed();
        }
    }

    /// Interrupts whatever it is doing, an answer in its middle, too: that closes the channel.
    void interrupt() {
        cut();
        RunningRequest running = request;
        Thread owner = thread;
        if (running != null) {
            running.interrupt();
        } else if (owner != null) {
            owner.interrupt();
        }
    }

    /// Looks at its own waits and at its request. A request that nobody is to wait for is looked at no more.
    @Override
    public void check(long now) throws IOException {
        RunningRequest running = request;
        if (running != null) {
            all.harakiri().check(running);
        }
        transport.check(now);
    }

    @Override
    public Codec.Sent answerInstead(Response response) throws Exception {
        Codec.Sent sent = codec.answerInstead(response, transport.outOfTurn());
        channel.shutdownOutput();
        return sent;
    }

    @Override
    public Codec.Sent sent() {
        return codec.sent();
    }

    @Override
    public boolean isAwaitingClient() {
        return transport.isWaiting();
    }

    @Override
    public void stopReading() {
        try {
            transport.stopReading();
        } catch (IOException e) {
            LOG.debug("connection from {} was gone already", this, e);
        }
    }

    @Override
    public void cutWhenClosed() {
        try {
            transport.resetWhenClosed();
        } catch (IOException e) {
            LOG.debug("connection from {} was gone already", this, e);
        }
    }

    @Override
    public void abandon() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("connection from {} was gone already", this, e);
        }
        stopCounting();
    }

    @Override
    public boolean isClientGone() {
        try {
            return PeerState.isGone(channel);
        } catch (OsException e) {
            LOG.debug("connection from {}: not known whether it is gone", this, e);
            return false;
        }
    }

    @Override
    public long bytesIn() {
        return transport.bytesIn();
    }

    @Override
    public long bytesOut() {
        return transport.bytesOut();
    }

    /// Its end, if it ever comes, is not waited for any more.
    void stopCounting() {
        if (isCounted.compareAndSet(true, false)) {
            all.letGo();
        }
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        try (channel) {
            try {
                if (all.admission().letsIn(channel)) {
                    serve();
                    if (codec.hasUnreadInput()) {
                        transport.linger(LONGEST_LINGER, MOST_LINGERED);
                    }
                } else {
                    turnAway();
                }
            } catch (ResponseCut _) { // the log has the cause already
                transport.resetWhenClosed();
            }
        } catch (PeerGone | ReadTimeout e) {
            LOG.debug("connection from {} ended: {}", this, e.getMessage());
        } catch (IOException e) {
            LOG.debug("connection from {} broke", this, e);
        } catch (RuntimeException | Error e) {
            all.distress().noticeIfFatal(e, Thread.currentThread());
            LOG.error("connection from {} ended by a fault of the server", this, e);
        } finally {
            all.ended(this);
        }
    }

    /// Answers before anything is read, unless many are being turned away. The peer may then finish what it sends, or
    /// it would lose the answer.
    private void turnAway() throws IOException {
        if (all.admission().beginCourtesy()) {
            try {
                codec.finish();
                all.exchange().turnAway(codec);
                transport.linger(LONGEST_COURTESY, MOST_LINGERED);
            } finally {
                all.admission().endCourtesy();
            }
        }
    }

    private void serve() throws IOException {
        if (all.settings().httpKeepalive().isZero()) {
            codec.finish();
        }
        RunningRequest running;
        do {
            Optional<RequestHead> head;
            try {
                head = codec.readHead();
                if (head.isPresent()) {
                    all.admission().requireSecret(head.get());
                }
            } catch (BadRequest bad) {
                codec.finish();
                all.exchange().refuse(codec, bad, peerName());
                return;
            }
            if (head.isEmpty()) {
                return;
            }
            transport.expectBody();
            running = all.harakiri().begin(head.get(), this);
            request = running;
            try {
                all.exchange().answer(codec, running);
            } catch (PeerGone gone) {
                if (transport.isTakenTooSlowly()) {
                    LOG.warn("{}: its answer is cut off: {}", Harakiri.described(running), gone.getMessage());
                }
                throw gone;
            } finally {
                request = null;
            }
        } while (!running.isCancelled() && codec.isPersistent() && canGoOn());
    }

    /// Whether another request may come, for which the transport is prepared then.
    private boolean canGoOn() throws IOException {
        transport.expectRest();
        switch (codec.passOn()) {
            case NONE -> {
                return false;
            }
            case AWAITED -> transport.awaitRequest(all.idleTime());
            case BEGUN -> transport.expectHead();
        }
        return true;
    }

    /// Costs a look into the system's users; a message that may not be written takes the connection itself instead.
    @Override
    public String peerName() {
        return peer.address().isEmpty() ? LocalPeer.described(channel) : peer.address() + ":" + peer.port();
    }

    @Override
    public String toString() {
        return peerName();
    }
}
