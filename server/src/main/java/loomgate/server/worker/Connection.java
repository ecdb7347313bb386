package loomgate.server.worker;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import loomgate.server.net.PeerGone;
import loomgate.server.net.ReadTimeout;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.Codec;
import loomgate.server.protocol.Peer;
import loomgate.server.protocol.RequestHead;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection from its acceptance to its end: owns the socket and the loop of requests, on a virtual thread of its
/// own.
final class Connection implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    /// nginx's own limit for the same purpose (`lingering_time`).
    private static final Duration LONGEST_LINGER = Duration.ofSeconds(30);

    private final SocketChannel channel;
    private final SocketTransport transport;
    private final Codec codec;
    private final Peer peer;
    private final Connections all;
    private volatile Thread thread;

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

    /// Interrupts whatever it is doing.
    void interrupt() {
        Thread owner = thread;
        if (owner != null) {
            owner.interrupt();
        }
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        try (channel) {
            try {
                serve();
                if (codec.hasUnreadInput()) {
                    transport.linger(LONGEST_LINGER);
                }
            } catch (ResponseCut _) { // the log has the cause already
                transport.resetWhenClosed();
            }
        } catch (PeerGone | ReadTimeout e) {
            LOG.debug("connection from {} ended: {}", peerName(), e.getMessage());
        } catch (IOException e) {
            LOG.debug("connection from {} broke", peerName(), e);
        } catch (RuntimeException | Error e) {
            LOG.error("connection from {} ended by a fault of the server", peerName(), e);
        } finally {
            all.ended(this);
        }
    }

    private void serve() throws IOException {
        Duration idle = all.settings().socketTimeout();
        if (all.settings().httpKeepalive().isZero()) {
            codec.finish();
        }
        do {
            transport.awaitRequest(idle);
            Optional<RequestHead> head;
            try {
                head = codec.readHead();
            } catch (BadRequest bad) {
                all.exchange().refuse(codec, bad, peerName());
                return;
            }
            if (head.isEmpty()) {
                return;
            }
            transport.expectBody();
            all.exchange().answer(codec, head.get());
            idle = all.idleTime();
        } while (codec.isPersistent());
    }

    private String peerName() {
        return peer.address().isEmpty() ? "a unix socket" : peer.address() + ":" + peer.port();
    }
}
