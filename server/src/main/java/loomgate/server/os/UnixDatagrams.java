package loomgate.server.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// Sends datagrams to a unix socket, which NIO cannot.
///
/// @param address a path, or `@name` for the abstract name space
public record UnixDatagrams(String address) {

    private static final CFunction SOCKET = Libc.function("socket");
    private static final CFunction SENDTO = Libc.function("sendto");

    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;

    /// Sends one, without ever waiting.
    ///
    /// @throws OsException EAGAIN: the receiver's queue is full
    public void send(String text) throws OsException {
        Descriptor socket = new Descriptor((int) Libc.call("socket", (_, errno) ->
                SOCKET.asInt(errno, SocketAddresses.AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)));
        try {
            Libc.call("sendto " + address, (arena, errno) -> {
                MemorySegment to = name(arena);
                MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(StandardCharsets.UTF_8));
                return SENDTO.asLong(errno, socket.number(), bytes.address(), bytes.byteSize(),
                        MSG_DONTWAIT | MSG_NOSIGNAL, to.address(), (int) to.byteSize());
            });
        } finally {
            socket.close();
        }
    }

    private MemorySegment name(Arena arena) {
        return address.startsWith("@")
                ? SocketAddresses.unixAbstract(arena, address.substring(1))
                : SocketAddresses.unixPath(arena, address);
    }
}
