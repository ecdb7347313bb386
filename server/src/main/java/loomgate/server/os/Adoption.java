package loomgate.server.os;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Makes a [ServerSocketChannel] of a listening descriptor that was inherited, with public API only: a channel is
/// opened and bound to a throw-away address, which tells its descriptor apart, and the inherited one is duplicated over
/// that.
public final class Adoption {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private static final List<Path> PLACES =
            Stream.of(System.getProperty("java.io.tmpdir"), "/dev/shm", "/var/tmp", "/run", "").map(Path::of).toList();

    private Adoption() {}

    /// A channel for the listener. The descriptor given stays open and stays the caller's.
    public static ServerSocketChannel listener(Descriptor inherited) throws IOException {
        return switch (Sockets.family(inherited)) {
            case SocketAddresses.AF_UNIX -> adoptUnix(inherited);
            case SocketAddresses.AF_INET6 -> adopt(inherited, StandardProtocolFamily.INET6, loopback("::1"));
            default -> adopt(inherited, StandardProtocolFamily.INET, loopback("127.0.0.1"));
        };
    }

    /// Has what listens in this process at a throw-away address accept from the inherited listener instead. For
    /// listeners that are not made of a channel. The descriptor given stays open and stays the caller's.
    public static void replace(InetSocketAddress throwAway, Descriptor inherited) throws IOException {
        inherited.duplicateOver(descriptorOf(throwAway), false);
    }

    /// Whether the descriptor is a unix socket.
    public static boolean isUnix(Descriptor socket) throws OsException {
        return Sockets.family(socket) == SocketAddresses.AF_UNIX;
    }

    private static SocketAddress loopback(String address) throws IOException {
        return new InetSocketAddress(InetAddress.getByName(address), 0);
    }

    /// NIO binds to paths alone, so there is a file for the moment that this takes, in the first place that will do.
    private static ServerSocketChannel adoptUnix(Descriptor inherited) throws IOException {
        List<String> failures = new ArrayList<>();
        for (Path place : PLACES) {
            try {
                return adoptUnix(inherited, place);
            } catch (IOException e) {
                failures.add(place.toAbsolutePath() + " (" + e + ")");
            }
        }
        throw new IOException("a unix socket needs a directory in which this user may make a temporary file, by a name"
                + " of 107 bytes at most; tried " + String.join(", ", failures)
                + "; name one by jvm-opt = -Djava.io.tmpdir=…");
    }

    private static ServerSocketChannel adoptUnix(Descriptor inherited, Path place) throws IOException {
        Path folder = Files.createTempDirectory(place, "loomgate");
        Path path = folder.resolve("adopt.sock");
        try {
            return adopt(inherited, StandardProtocolFamily.UNIX, UnixDomainSocketAddress.of(path));
        } finally {
            Files.deleteIfExists(path);
            Files.delete(folder);
        }
    }

    private static ServerSocketChannel adopt(Descriptor inherited, ProtocolFamily family, SocketAddress throwAway)
            throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(family);
        try {
            channel.bind(throwAway, 1);
            inherited.duplicateOver(descriptorOf(channel.getLocalAddress()), false);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static Descriptor descriptorOf(SocketAddress own) throws IOException {
        BoundAddress wanted = switch (own) {
            case UnixDomainSocketAddress unix -> new BoundAddress.UnixPath(unix.getPath());
            case InetSocketAddress internet -> new BoundAddress.Tcp(internet.getAddress(), internet.getPort());
            default -> throw new IllegalArgumentException(own.toString());
        };
        try (var numbers = Files.list(DESCRIPTORS)) {
            for (Path path : (Iterable<Path>) numbers::iterator) {
                Descriptor candidate = new Descriptor(Integer.parseInt(path.getFileName().toString()));
                if (isBoundTo(wanted, candidate)) {
                    return candidate;
                }
            }
        }
        throw new IOException("the descriptor of " + wanted + " is not in " + DESCRIPTORS);
    }

    private static boolean isBoundTo(BoundAddress wanted, Descriptor candidate) {
        try {
            return wanted.equals(Sockets.boundAddress(candidate));
        } catch (OsException _) {
            return false; // a file, or closed since it was listed: not the one we look for
        }
    }
}
