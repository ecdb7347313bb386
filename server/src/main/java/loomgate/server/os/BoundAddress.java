package loomgate.server.os;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Path;

/// Where the kernel says that a socket is bound. `toString` gives it as one writes it in an INI.
public sealed interface BoundAddress {

    /// A name in the file system.
    record UnixPath(Path path) implements BoundAddress {
        @Override
        public String toString() {
            return path.toString();
        }
    }

    /// A name in Linux's abstract name space, without the `@`.
    record UnixAbstract(String name) implements BoundAddress {
        @Override
        public String toString() {
            return "@" + name;
        }
    }

    /// An internet address and a port.
    record Tcp(InetAddress ip, int port) implements BoundAddress {
        @Override
        public String toString() {
            return (ip instanceof Inet6Address ? "[" + ip.getHostAddress() + "]" : ip.getHostAddress()) + ":" + port;
        }
    }

    /// Nothing that the server listens on.
    ///
    /// @param family `sa_family_t`
    record Other(int family) implements BoundAddress {
        @Override
        public String toString() {
            return "an address of family " + family;
        }
    }
}
