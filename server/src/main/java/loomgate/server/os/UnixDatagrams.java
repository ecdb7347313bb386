package loomgate.server.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/// Sends datagrams to a unix socket, which NIO cannot.
///
/// @param address a path, or `@name` for the abstract name space
public record UnixDatagrams(String address) {

    private static final MethodHandle SOCKET = Libc.function("socket", Libc.INT, Libc.INT, Libc.INT, Libc.INT);
    private static final MethodHandle SENDTO = Libc.function(
            "sendto", Libc.LONG, Libc.INT, Libc.POINTER, Libc.LONG, Libc.INT, Libc.POINTER, Libc.INT);

    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;

    /// Sends one, without ever waiting.
    ///
    /// @throws OsException EAGAIN: the receiver's queue is full
    public void send(String text) throws OsException {
        Descriptor socket = new Descriptor((int) Libc.call("socket", (_, errno) ->
                (int) SOCKET.invokeExact(errno, SocketAddresses.AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)));
        try {
            Libc.call("sendto " + address, (arena, errno) -> {
                MemorySegment to = name(arena);
                MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(StandardCharsets.UTF_8));
                return (long) SENDTO.invokeExact(errno, socket.number(), bytes, bytes.byteSize(),
                        MSG_DONTWAIT | MSG_NOSIGNAL, to, (int) to.byteSize());
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
