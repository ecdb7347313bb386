package loomgate.server.os;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A unix socket that datagrams arrive at, as systemd's NOTIFY_SOCKET is one.
public final class DatagramInbox implements Closeable {

    private static final CFunction SOCKET = Libc.function("socket");
    private static final CFunction BIND = Libc.function("bind");
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;

    /// @param at a reading of [System#nanoTime()]
    public record Datagram(long at, String text) {}

    private final String address;
    private final List<Datagram> received = new CopyOnWriteArrayList<>();

    private DatagramInbox(String address) {
        this.address = address;
    }

    /// @param address a path, or `@name`
    public static DatagramInbox open(String address) throws OsException {
        Descriptor socket = socket(address);
        DatagramInbox inbox = new DatagramInbox(address);
        Thread.ofPlatform().daemon().start(() -> inbox.receive(socket));
        return inbox;
    }

    /// One that nobody reads.
    public static Descriptor socket(String address) throws OsException {
        Descriptor socket = new Descriptor((int) Libc.call("socket", (_, errno) ->
                SOCKET.asInt(errno, SocketAddresses.AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)));
        Libc.call("bind", (arena, errno) -> {
            MemorySegment name = address.startsWith("@")
                    ? SocketAddresses.unixAbstract(arena, address.substring(1))
                    : SocketAddresses.unixPath(arena, address);
            return BIND.asInt(errno, socket.number(), name.address(), (int) name.byteSize());
        });
        return socket;
    }

    private void receive(Descriptor socket) {
        InputStream input = socket.input(); // one read is one datagram
        byte[] buffer = new byte[8192];
        try {
            for (int length = input.read(buffer); length > 0; length = input.read(buffer)) {
                received.add(new Datagram(System.nanoTime(), new String(buffer, 0, length, StandardCharsets.UTF_8)));
            }
            socket.close();
        } catch (IOException e) {
            received.add(new Datagram(System.nanoTime(), e.toString()));
        }
    }

    public String address() {
        return address;
    }

    /// All that came.
    public List<Datagram> received() {
        return received;
    }

    /// An empty datagram ends the thread that receives.
    @Override
    public void close() throws IOException {
        new UnixDatagrams(address).send("");
    }
}
