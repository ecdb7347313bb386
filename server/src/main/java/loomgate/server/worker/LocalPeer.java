package loomgate.server.worker;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/// Whose process is at the other end of a unix socket: the kernel tells its effective user and group (`SO_PEERCRED`,
/// unix(7)), as they were when it connected.
final class LocalPeer {

    private LocalPeer() {}

    static UnixDomainPrincipal of(SocketChannel channel) throws IOException {
        return channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
    }

    /// For the log; also of a connection that is closed already.
    static String described(SocketChannel channel) {
        try {
            UnixDomainPrincipal peer = of(channel);
            return "a unix socket (user " + peer.user().getName() + ", group " + peer.group().getName() + ")";
        } catch (IOException _) {
            return "a unix socket";
        }
    }
}
