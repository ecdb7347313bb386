package loomgate.server.config;

import static loomgate.server.config.option.Option.option;

import java.net.InetAddress;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import loomgate.server.config.AllowedPeer.OfGroup;
import loomgate.server.config.AllowedPeer.OfNetwork;
import loomgate.server.config.AllowedPeer.OfUser;
import loomgate.server.config.option.Chapter;
import loomgate.server.config.option.Given;
import loomgate.server.config.option.Option;

/// Whom the server serves.
///
/// @param allowed who may connect; users and groups to unix sockets, networks to TCP. Everybody, to a kind of socket
///                for which there is none
/// @param secrets of which every request has to have one, if there are any
public record AccessSettings(List<AllowedPeer> allowed, List<Secret> secrets) {

    static final Option<AllowedPeer> ALLOW = option("allow", AllowedPeer.KIND)
            .in(Chapter.LISTENERS).repeatable()
            .summary("Who may connect: user:NAME, group:NAME, an address, or a network.")
            .prose("""
                    May be given several times; any of them will do. `user:www-data`, `group:www-data` and the same \
                    with numbers are about unix sockets: the kernel says whose process connects, with its effective \
                    user and group (not with the user's other groups). `127.0.0.1`, `::1`, `10.0.0.0/8` and \
                    `fd00::/8` are about TCP. A kind of socket that none is about is open to all whom its mode or the \
                    network lets in. Everybody else is answered with 403 before anything is read, and the log says \
                    who it was, once a second at most. nginx connects as the user of its workers.""")
            .declared();

    static final Option<Secret> SECRET = option("secret", Secret.KIND)
            .in(Chapter.LISTENERS).repeatable().secret()
            .summary("What each request has to have, so that only the gateway's are answered.")
            .prose("""
                    nginx sends it with `uwsgi_param LOOMGATE_SECRET …;` or `proxy_set_header X-Loomgate-Secret …;`. A \
                    request without it, or with another, is answered with 403. The application does not see it, nor \
                    does anybody in the log. Keep it out of the INI: `secret = @(/etc/shop/secret)`. May be given \
                    twice, the old one and the new one, while nginx is told the new one.""")
            .declared();

    static AccessSettings from(Given given) {
        return new AccessSettings(ALLOW.allIn(given), SECRET.allIn(given));
    }

    /// Whether it matters whose process connects to a unix socket.
    public boolean hasUsers() {
        return allowed.stream().anyMatch(peer -> !(peer instanceof OfNetwork));
    }

    /// Whether it matters from where somebody connects by TCP.
    public boolean hasNetworks() {
        return allowed.stream().anyMatch(OfNetwork.class::isInstance);
    }

    /// Whether a process with these may connect to a unix socket.
    public boolean letsIn(UserPrincipal user, GroupPrincipal group) {
        return !hasUsers() || allowed.stream().anyMatch(peer -> switch (peer) {
            case OfUser allow -> allow.matches(user);
            case OfGroup allow -> allow.matches(group);
            case OfNetwork _ -> false;
        });
    }

    /// Whether a host may connect by TCP.
    public boolean letsIn(InetAddress address) {
        return !hasNetworks()
                || allowed.stream().anyMatch(peer -> peer instanceof OfNetwork network && network.matches(address));
    }
}
