package loomgate.server.config;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.FileSystems;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.regex.Pattern;
import loomgate.server.config.option.InvalidValue;
import loomgate.server.config.option.ValueKind;
import loomgate.server.config.option.Values;

/// Somebody who may connect. `toString` gives it as one writes it in the INI.
public sealed interface AllowedPeer {

    /// Processes of a user, on unix sockets.
    ///
    /// @param text name or number, as it was given
    record OfUser(UserPrincipal user, String text) implements AllowedPeer {

        /// Whether they are meant whose effective user that is.
        public boolean matches(UserPrincipal peer) {
            return user.equals(peer);
        }

        @Override
        public String toString() {
            return USER + text;
        }
    }

    /// Processes of a group, on unix sockets.
    ///
    /// @param text name or number, as it was given
    record OfGroup(GroupPrincipal group, String text) implements AllowedPeer {

        /// Whether they are meant whose effective group that is; the kernel does not tell of others.
        public boolean matches(GroupPrincipal peer) {
            return group.equals(peer);
        }

        @Override
        public String toString() {
            return GROUP + text;
        }
    }

    /// Hosts of a network, or one, on TCP.
    ///
    /// @param prefix length in bits of what their addresses have in common
    record OfNetwork(InetAddress address, int prefix) implements AllowedPeer {

        /// Whether it has that address. IPv4 and IPv6 have no address in common; a client of IPv4 has an address of
        /// IPv4 whatever the listener's is.
        public boolean matches(InetAddress peer) {
            byte[] own = address.getAddress();
            byte[] other = peer.getAddress();
            if (own.length != other.length) {
                return false;
            }
            for (int bit = 0; bit < prefix; bit++) {
                if (((own[bit / 8] ^ other[bit / 8]) >> 7 - bit % 8 & 1) != 0) {
                    return false;
                }
            }
            return true;
        }

        /// The address with which the network begins.
        private InetAddress first() throws IOException {
            byte[] bytes = address.getAddress();
            for (int bit = prefix; bit < 8 * bytes.length; bit++) {
                bytes[bit / 8] &= (byte) ~(1 << 7 - bit % 8);
            }
            return InetAddress.getByAddress(bytes);
        }

        @Override
        public String toString() {
            String text = address.getHostAddress();
            return prefix == 8 * address.getAddress().length ? text : text + "/" + prefix;
        }
    }

    /// What stands before a user.
    String USER = "user:";

    /// What stands before a group.
    String GROUP = "group:";

    /// How peers are written.
    ValueKind<AllowedPeer> KIND = ValueKind.of("PEER", (text, _) -> of(text), AllowedPeer::toString)
            .allowing("user:USER, group:GROUP, an address, or a network as 10.0.0.0/8");

    /// Reads a peer. Users and groups have to exist, unless they are numbers.
    static AllowedPeer of(String text) throws InvalidValue {
        if (Values.nonEmpty(text).startsWith(USER)) {
            String name = text.substring(USER.length());
            return new OfUser(Principals.find(name, "user", UserPrincipalLookupService::lookupPrincipalByName), name);
        }
        if (text.startsWith(GROUP)) {
            String name = text.substring(GROUP.length());
            return new OfGroup(
                    Principals.find(name, "group", UserPrincipalLookupService::lookupPrincipalByGroupName), name);
        }
        return Networks.of(text);
    }

    /// Users and groups of this machine.
    final class Principals {

        private Principals() {}

        private interface Lookup<P> {
            P find(UserPrincipalLookupService service, String name) throws IOException;
        }

        private static <P> P find(String name, String what, Lookup<P> lookup) throws InvalidValue {
            if (name.isBlank()) {
                throw new InvalidValue("needs the name of a " + what + " behind " + what + ":");
            }
            try {
                return lookup.find(FileSystems.getDefault().getUserPrincipalLookupService(), name);
            } catch (IOException e) {
                throw new InvalidValue("there is no " + what + " " + name);
            }
        }
    }

    /// Addresses, and what follows the slash.
    final class Networks {

        private static final Pattern IPV4 = Pattern.compile("(BYTE\\.){3}BYTE".replace("BYTE", "(0|[1-9][0-9]{0,2})"));
        private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

        private Networks() {}

        private static OfNetwork of(String text) throws InvalidValue {
            int slash = text.indexOf('/');
            InetAddress address = address(slash < 0 ? text : text.substring(0, slash), text);
            int bits = 8 * address.getAddress().length;
            if (slash < 0) {
                return new OfNetwork(address, bits);
            }
            String prefix = text.substring(slash + 1);
            if (!prefix.matches("[0-9]{1,3}") || Integer.parseInt(prefix) > bits) {
                throw new InvalidValue("'" + prefix + "' is no prefix length, which is a number from 0 to " + bits);
            }
            OfNetwork network = new OfNetwork(address, Integer.parseInt(prefix));
            try {
                if (!network.first().equals(address)) {
                    throw new InvalidValue("'" + text + "' is no network, but an address in "
                            + new OfNetwork(network.first(), network.prefix()));
                }
            } catch (IOException e) {
                throw new IllegalStateException("an address has as many bytes as it had", e);
            }
            return network;
        }

        /// Asks no DNS: a name would have other addresses tomorrow.
        private static InetAddress address(String text, String whole) throws InvalidValue {
            try {
                if (IPV4.matcher(text).matches()) {
                    return Inet4Address.ofLiteral(text);
                }
                if (IPV6.matcher(text).matches()) {
                    return Inet6Address.ofLiteral(text);
                }
            } catch (IllegalArgumentException _) {
                // as below
            }
            throw new InvalidValue("'" + whole + "' is no peer; write user:NAME, group:NAME, an address such as"
                    + " 127.0.0.1 or ::1, or a network such as 10.0.0.0/8");
        }
    }
}
