package loomgate.server.worker;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Semaphore;
import jdk.net.UnixDomainPrincipal;
import loomgate.server.config.AccessSettings;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.RequestHead;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whom this worker serves: who may connect (`allow`), and which requests come from the gateway (`secret`). For all
/// threads.
final class Admission {

    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

    /// Peers that are told at once that they may not connect, each of which holds a connection while it listens. The
    /// others are not told.
    private static final int MOST_COURTESIES = 64;

    private final AccessSettings access;
    private final Semaphore courtesies = new Semaphore(MOST_COURTESIES);
    private final OnceASecond turnedAway = new OnceASecond();

    Admission(AccessSettings access) {
        this.access = access;
    }

    /// Whether the peer may connect. Who may not is told of in the log. Asks the system only if that matters.
    boolean letsIn(SocketChannel channel) throws IOException {
        if (access.allowed().isEmpty()) {
            return true;
        }
        if (channel.getRemoteAddress() instanceof InetSocketAddress peer) {
            return access.letsIn(peer.getAddress()) || tell(peer.getAddress().getHostAddress());
        }
        if (!access.hasUsers()) {
            return true;
        }
        UnixDomainPrincipal peer = LocalPeer.of(channel);
        return access.letsIn(peer.user(), peer.group()) || tell(LocalPeer.described(channel));
    }

    /// @return false
    private boolean tell(String peer) {
        turnedAway.add().ifPresent(count -> LOG.warn("connection from {} refused: allow does not name it{}", peer,
                count == 1 ? "" : "; " + count + " connections were refused since the last such line"));
        return false;
    }

    /// Whether one more peer can be told that it may not connect; if so, [#endCourtesy()] has to follow.
    boolean beginCourtesy() {
        return courtesies.tryAcquire();
    }

    void endCourtesy() {
        courtesies.release();
    }

    /// @throws BadRequest the request does not come from the gateway
    void requireSecret(RequestHead head) throws BadRequest {
        if (access.secrets().isEmpty()) {
            return;
        }
        String sent = head.gatewaySecret();
        if (access.secrets().stream().noneMatch(secret -> secret.is(sent))) {
            throw new BadRequest(403, (sent.isEmpty() ? "the request has no secret" : "the request's secret is wrong")
                    + ": let the gateway send LOOMGATE_SECRET (uwsgi) or X-Loomgate-Secret (HTTP)");
        }
    }
}
