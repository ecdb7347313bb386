package loomgate.server.worker;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import loomgate.server.net.PeerGone;
import loomgate.server.net.ReadTimeout;
import loomgate.server.net.Transport;

/// A connection's channel with a deadline on each wait. The owner sets the deadline and blocks; [DeadlineWatch]
/// compares it with the clock and ends the wait. Waits for input end in a way that still lets an answer out.
///
/// ```
///             first byte          head complete
///   REQUEST ─────────────▶ HEAD ─────────────────▶ BODY
///      ▲  idle time          one deadline for all     socket-timeout
///      │                                              for each read
///      └──────────────── awaitRequest ────────────────┘
/// ```
final class SocketTransport implements Transport, Watched {

    /// What is being read, which decides how long it may take.
    private enum Phase {
        REQUEST,
        HEAD,
        BODY
    }

    private static final long NONE = Long.MAX_VALUE;
    private static final long EXPIRED = Long.MIN_VALUE;

    /// NIO copies through a direct buffer as large as what it is given, and keeps that.
    private static final int MOST_AT_ONCE = 64 * 1024;

    private final SocketChannel channel;
    private final Duration timeout;
    private final AtomicLong deadline = new AtomicLong(NONE); // of the wait in progress, in nanos
    private volatile Phase phase = Phase.REQUEST;
    private volatile boolean isWriting;
    private volatile long bytesIn;
    private volatile long bytesOut;
    private long readUntil; // phases REQUEST and HEAD
    private boolean hasExpired; // the input is shut: it took too long

    /// Waits for a first request as long as for anything else.
    ///
    /// @param timeout longest wait for the peer to send or take anything
    SocketTransport(SocketChannel channel, Duration timeout) {
        this.channel = channel;
        this.timeout = timeout;
        awaitRequest(timeout);
    }

    /// A request is to come: its first byte within the given time, the rest of its head within `timeout` from then.
    void awaitRequest(Duration idle) {
        readUntil = System.nanoTime() + idle.toNanos();
        phase = Phase.REQUEST;
    }

    /// The head is complete: each read that follows has the full `timeout`.
    void expectBody() {
        phase = Phase.BODY;
    }

    /// Shortens the wait for another request, if that is what this connection waits for. From any thread.
    void hurryNextRequest(Duration atMost) {
        long earlier = System.nanoTime() + atMost.toNanos();
        long current = deadline.get();
        if (phase == Phase.REQUEST && !isWriting && current != NONE && current != EXPIRED && current > earlier) {
            deadline.compareAndSet(current, earlier);
        }
    }

    /// Ends the wait in progress if its time is over.
    @Override
    public void check(long now) throws IOException {
        long current = deadline.get();
        boolean isWrite = isWriting; // of the wait that `current` belongs to: it changes only between waits
        if (current != NONE && current != EXPIRED && now >= current && deadline.compareAndSet(current, EXPIRED)) {
            if (isWrite) {
                channel.close(); // an answer that is not taken cannot be followed by another
            } else {
                channel.shutdownInput();
            }
        }
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (hasExpired) {
            throw tooSlow();
        }
        int limit = into.limit();
        into.limit(Math.min(limit, into.position() + MOST_AT_ONCE));
        deadline.set(phase == Phase.BODY ? System.nanoTime() + timeout.toNanos() : readUntil);
        int count;
        try {
            count = channel.read(into);
        } catch (IOException e) {
            throw new PeerGone("the connection broke while it was read", e);
        } finally {
            hasExpired = deadline.getAndSet(NONE) == EXPIRED;
            into.limit(limit);
        }
        if (hasExpired && count <= 0) {
            throw tooSlow();
        }
        if (count > 0) {
            bytesIn += count;
        }
        if (phase == Phase.REQUEST && count > 0) {
            phase = Phase.HEAD;
            readUntil = System.nanoTime() + timeout.toNanos();
        }
        return count;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        int limit = bytes.limit();
        while (bytes.position() < limit) {
            bytes.limit(Math.min(limit, bytes.position() + MOST_AT_ONCE));
            writing(() -> channel.write(bytes));
        }
    }

    @Override
    public void transferFrom(FileChannel file, long position, long count) throws IOException {
        long end = position + count;
        long at = position;
        while (at < end) {
            if (file.size() <= at) { // asked here, so that what fails in the transfer is the connection
                throw new IOException("the file has become shorter while it was sent");
            }
            long from = at;
            long moved = writing(() -> file.transferTo(from, end - from, channel));
            if (moved == 0) {
                moved = copySome(file, at, end - at); // the socket is full: sendfile does not wait on it, a write does
            }
            at += moved;
        }
    }

    private int copySome(FileChannel file, long position, long count) throws IOException {
        ByteBuffer some = ByteBuffer.allocate((int) Math.min(count, MOST_AT_ONCE));
        if (file.read(some, position) <= 0) {
            throw new IOException("the file has become shorter while it was sent");
        }
        int read = some.position();
        write(some.flip());
        return read;
    }

    /// Lets the peer finish what it is sending before the connection is closed: closing with unread input would be a
    /// reset, which takes the answer from the peer (RFC 9112 section 9.6).
    void linger(Duration most) throws IOException {
        channel.shutdownOutput();
        if (hasExpired) {
            return; // its input is shut already
        }
        expectBody();
        long until = System.nanoTime() + most.toNanos();
        ByteBuffer discarded = ByteBuffer.allocate(16 * 1024);
        while (read(discarded.clear()) >= 0 && System.nanoTime() < until) {
            // until the peer is done, silent for too long, or endless
        }
    }

    /// Makes the close that follows a reset, for a peer that would take a mere end for the end of the response. A unix
    /// socket has no such thing.
    void resetWhenClosed() throws IOException {
        if (channel.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
    }

    /// Whether its owner waits for the peer.
    boolean isWaiting() {
        return deadline.get() != NONE;
    }

    /// Bytes of the peer, until now.
    long bytesIn() {
        return bytesIn;
    }

    /// Bytes that the peer was sent by the owner, until now.
    long bytesOut() {
        return bytesOut;
    }

    /// Ends a wait for input, and what could still be read. From any thread.
    void stopReading() throws IOException {
        channel.shutdownInput();
    }

    /// For an answer out of the owner's turn: whatever the owner waits for is not touched by it. From any thread.
    Transport outOfTurn() {
        return new OutOfTurn();
    }

    private final class OutOfTurn implements Transport {

        @Override
        public int read(ByteBuffer into) {
            throw new UnsupportedOperationException("what comes in is the owner's");
        }

        @Override
        public void write(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        @Override
        public void transferFrom(FileChannel file, long position, long count) {
            throw new UnsupportedOperationException("an answer out of turn is short");
        }
    }

    private interface Write {
        long run() throws IOException;
    }

    private long writing(Write write) throws IOException {
        isWriting = true;
        deadline.set(System.nanoTime() + timeout.toNanos());
        try {
            long count = write.run();
            bytesOut += count;
            return count;
        } catch (IOException e) {
            throw new PeerGone(deadline.get() == EXPIRED
                    ? "the peer took nothing for " + timeout.toMillis() + " ms"
                    : "the connection broke while it was written", e);
        } finally {
            deadline.set(NONE);
            isWriting = false;
        }
    }

    private ReadTimeout tooSlow() {
        return new ReadTimeout(phase == Phase.HEAD
                ? "the request's head took more than " + timeout.toMillis() + " ms"
                : "the peer sent nothing in time");
    }
}
