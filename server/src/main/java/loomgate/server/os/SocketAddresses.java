package loomgate.server.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/// `struct sockaddr_un`, `sockaddr_in` and `sockaddr_in6` of Linux, from and to Java.
final class SocketAddresses {

    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;

    /// `struct sockaddr_storage`: room for any of them.
    static final int ROOM = 128;

    private static final int PATH_ROOM = 108;

    private SocketAddresses() {}

    /// @param path a file system path
    static MemorySegment unixPath(Arena arena, String path) {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= PATH_ROOM) {
            throw new IllegalArgumentException("a unix socket's path has at most 107 bytes: " + path);
        }
        return unix(arena, bytes, bytes.length + 1);
    }

    /// @param name an abstract name, without the NUL that marks it on the wire
    static MemorySegment unixAbstract(Arena arena, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= PATH_ROOM) {
            throw new IllegalArgumentException("an abstract socket's name has at most 107 bytes: " + name);
        }
        byte[] marked = new byte[bytes.length + 1];
        System.arraycopy(bytes, 0, marked, 1, bytes.length);
        return unix(arena, marked, marked.length);
    }

    private static MemorySegment unix(Arena arena, byte[] path, int pathLength) {
        MemorySegment address = arena.allocate(2L + pathLength);
        address.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) AF_UNIX);
        MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, 2, path.length);
        return address;
    }

    static MemorySegment internet(Arena arena, InetSocketAddress of) {
        byte[] ip = of.getAddress().getAddress();
        boolean four = of.getAddress() instanceof Inet4Address;
        MemorySegment address = arena.allocate(four ? 16 : 28);
        address.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) (four ? AF_INET : AF_INET6));
        address.set(ValueLayout.JAVA_BYTE, 2, (byte) (of.getPort() >> 8));
        address.set(ValueLayout.JAVA_BYTE, 3, (byte) of.getPort());
        MemorySegment.copy(ip, 0, address, ValueLayout.JAVA_BYTE, four ? 4 : 8, ip.length);
        if (of.getAddress() instanceof Inet6Address six) {
            address.set(ValueLayout.JAVA_INT_UNALIGNED, 24, six.getScopeId()); // of `fe80::1%eth0`
        }
        return address;
    }

    /// The address as the kernel gave it, in a form to compare: family and the bytes that count.
    static byte[] bytes(MemorySegment address, int length) {
        byte[] bytes = address.asSlice(0, Math.min(length, ROOM)).toArray(ValueLayout.JAVA_BYTE);
        // a path's length may or may not count the NUL behind it
        int end = bytes.length;
        if (family(address) == AF_UNIX) {
            while (end > 3 && bytes[end - 1] == 0) {
                end--;
            }
        }
        return Arrays.copyOf(bytes, end);
    }

    /// The address as the kernel gave it, in Java's types.
    static BoundAddress bound(MemorySegment address, int length) {
        return switch (family(address)) {
            case AF_UNIX -> boundUnix(bytes(address, length));
            case AF_INET -> new BoundAddress.Tcp(ip(address, 4, 4), port(address));
            case AF_INET6 -> new BoundAddress.Tcp(ip(address, 8, 16), port(address));
            default -> new BoundAddress.Other(family(address));
        };
    }

    private static BoundAddress boundUnix(byte[] bytes) {
        if (bytes.length <= 2) {
            return new BoundAddress.Other(AF_UNIX); // it has no name
        }
        return bytes[2] == 0
                ? new BoundAddress.UnixAbstract(new String(bytes, 3, bytes.length - 3, StandardCharsets.UTF_8))
                : new BoundAddress.UnixPath(Path.of(new String(bytes, 2, bytes.length - 2, StandardCharsets.UTF_8)));
    }

    private static InetAddress ip(MemorySegment address, int offset, int size) {
        try {
            return InetAddress.getByAddress(address.asSlice(offset, size).toArray(ValueLayout.JAVA_BYTE));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("of " + size + " bytes", e);
        }
    }

    static int family(MemorySegment address) {
        return address.get(ValueLayout.JAVA_SHORT_UNALIGNED, 0);
    }

    static int port(MemorySegment address) {
        return (address.get(ValueLayout.JAVA_BYTE, 2) & 0xff) << 8 | address.get(ValueLayout.JAVA_BYTE, 3) & 0xff;
    }
}
