package loomgate.server.os;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// A client's connection to a unix socket in Linux's abstract name space, which Java cannot name.
public final class AbstractSocket implements Closeable {

    private static final MethodHandle SOCKET = Libc.function("socket", Libc.INT, Libc.INT, Libc.INT, Libc.INT);
    private static final MethodHandle CONNECT = Libc.function("connect", Libc.INT, Libc.INT, Libc.POINTER, Libc.INT);
    private static final MethodHandle SEND =
            Libc.function("send", Libc.LONG, Libc.INT, Libc.POINTER, Libc.LONG, Libc.INT);
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_NOSIGNAL = 0x4000;

    private final Descriptor socket;

    private AbstractSocket(Descriptor socket) {
        this.socket = socket;
    }

    public static AbstractSocket connect(String name) throws OsException {
        int number = (int) Libc.call("socket", (_, errno) ->
                (int) SOCKET.invokeExact(errno, SocketAddresses.AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        Libc.call("connect", (arena, errno) -> {
            MemorySegment address = SocketAddresses.unixAbstract(arena, name);
            return (int) CONNECT.invokeExact(errno, number, address, (int) address.byteSize());
        });
        return new AbstractSocket(new Descriptor(number));
    }

    public InputStream input() {
        return socket.input();
    }

    public OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                int end = offset + length;
                for (int at = offset; at < end; at += send(bytes, at, end - at)) {
                    // the kernel took some
                }
            }
        };
    }

    private int send(byte[] bytes, int offset, int length) throws OsException {
        return (int) Libc.call("send", (arena, errno) -> {
            MemorySegment copy = arena.allocate(length);
            MemorySegment.copy(bytes, offset, copy, ValueLayout.JAVA_BYTE, 0, length);
            return (long) SEND.invokeExact(errno, socket.number(), copy, (long) length, MSG_NOSIGNAL);
        });
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
