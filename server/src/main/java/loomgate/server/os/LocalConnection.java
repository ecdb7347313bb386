package loomgate.server.os;

import java.io.Closeable;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/// A connection between two processes of one machine, by a name in Linux's abstract name space.
///
/// **Threads.** One thread reads and closes it; any thread may send and end it. For platform threads only.
public final class LocalConnection implements Closeable {

    private static final CFunction ACCEPT4 = Libc.function("accept4");
    private static final int SOCK_CLOEXEC = 0x80000;

    private final Descriptor socket;
    private final InputStream input;
    private final OutputStream output;
    private boolean isClosed; // its number may already stand for something else

    private LocalConnection(Descriptor socket) {
        this.socket = socket;
        this.input = socket.input();
        this.output = socket.outputThatNeverWaits();
    }

    /// Connects to who listens under a name.
    ///
    /// @throws OsException ECONNREFUSED: nobody does; EAGAIN: the queue of who does stayed full until the limit
    public static LocalConnection to(String name, Duration limit) throws OsException {
        return new LocalConnection(Sockets.connectAbstract(name, limit));
    }

    /// Waits for a client.
    public static LocalConnection accept(Descriptor listener) throws OsException {
        return new LocalConnection(new Descriptor((int) Libc.call("accept4", (_, errno) -> ACCEPT4.asInt(
                errno, listener.number(), 0, 0, SOCK_CLOEXEC))));
    }

    /// Goes on with a connection that another program in this process, or this one, has made.
    public static LocalConnection over(Descriptor socket) {
        return new LocalConnection(socket);
    }

    /// Another number for it, which outlives this object.
    public synchronized Descriptor duplicate() throws OsException {
        if (isClosed) {
            throw new OsException("dup", OsException.EPIPE);
        }
        return socket.duplicate(3);
    }

    /// Who connected, or for the client: who listens.
    public PeerCredentials peer() throws OsException {
        return Sockets.peer(socket);
    }

    /// Reads some bytes, at least one, and returns how many; -1 at the end.
    ///
    /// @param limit how long that may take; zero for any time
    /// @throws OsException EAGAIN: it took longer
    public int read(byte[] into, Duration limit) throws java.io.IOException {
        Sockets.limitReads(socket, limit);
        return input.read(into);
    }

    /// Sends without waiting: what does not fit into the socket's buffer is an [OsException], and so is a connection
    /// that has ended.
    public synchronized void send(byte[] bytes) throws java.io.IOException {
        if (isClosed) {
            throw new OsException("send", OsException.EPIPE);
        }
        output.write(bytes);
    }

    /// Ends it in both directions, which wakes up who reads here. What was sent still arrives.
    public synchronized void end() {
        if (!isClosed) {
            try {
                Sockets.shutDown(socket);
            } catch (OsException _) {
                // the other side has ended it before
            }
        }
    }

    @Override
    public synchronized void close() throws OsException {
        if (!isClosed) {
            isClosed = true;
            socket.close();
        }
    }
}
