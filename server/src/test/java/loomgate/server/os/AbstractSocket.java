package loomgate.server.os;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A client's connection to a unix socket in Linux's abstract name space, which Java cannot name.
public final class AbstractSocket implements Closeable {

    private static final CFunction SOCKET = Libc.function("socket");
    private static final CFunction CONNECT = Libc.function("connect");
    private static final CFunction SEND = Libc.function("send");
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_NOSIGNAL = 0x4000;

    private final Descriptor socket;

    private AbstractSocket(Descriptor socket) {
        this.socket = socket;
    }

    public static AbstractSocket connect(String name) throws OsException {
        int number = (int) Libc.call("socket", (_, errno) ->
                SOCKET.asInt(errno, SocketAddresses.AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        Libc.call("connect", (arena, errno) -> {
            MemorySegment address = SocketAddresses.unixAbstract(arena, name);
            return CONNECT.asInt(errno, number, address.address(), (int) address.byteSize());
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
            return SEND.asLong(errno, socket.number(), copy.address(), length, MSG_NOSIGNAL);
        });
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
