package loomgate.server.worker.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import loomgate.server.config.PaceSettings;
import loomgate.server.net.PeerGone;
import loomgate.server.net.ReadTimeout;
import loomgate.server.net.Transport;
import loomgate.server.os.OsException;
import loomgate.server.os.PeerState;

/// A connection's channel with a deadline on each wait. The owner sets the deadline and blocks; [DeadlineWatch]
/// compares it with the clock and ends the wait. Waits for input end in a way that still lets an answer out.
public final class SocketTransport implements Transport, Watched {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /// NIO copies through a direct buffer as large as what it is given, and keeps that.
    private static final int MOST_AT_ONCE = 64 * 1024;

    private final SocketChannel channel;
    private final StreamEnd streamEnd;
    private final Duration timeout;
    private final ReadTimes times;
    private final Uptake uptake; // of a write; the watch's own
    private final Wait wait = new Wait();
    private volatile boolean isTakenTooSlowly; // the channel is closed
    private volatile long bytesIn;
    private volatile long bytesOut;
    private boolean hasExpired; // the input is shut: it took too long

    /// Waits for a first request as long as for anything else.
    ///
    /// @param timeout longest wait for the peer to send or take anything
    /// @param pace    how slow it may be beyond that
    public SocketTransport(SocketChannel channel, Duration timeout, PaceSettings pace) {
        this.channel = channel;
        this.streamEnd = new StreamEnd(channel);
        this.timeout = timeout;
        this.times = new ReadTimes(timeout, pace, System.nanoTime());
        this.uptake = new Uptake(timeout, pace);
    }

    /// A request is to come: its first byte within the given time, the rest of its head within `timeout` from then.
    public void awaitRequest(Duration idle) {
        times.awaitRequest(System.nanoTime() + idle.toNanos());
    }

    /// A request has begun: what was read ahead is its first bytes.
    public void expectHead() {
        times.expectHead(System.nanoTime());
    }

    /// The head is complete: each read that follows has the full `timeout`, as long as all together are fast enough.
    public void expectBody() {
        times.expectBody();
    }

    /// The request is answered, and what follows of its body is in the way of the next. It has the time of a body.
    public void expectRest() {
        times.expectRest();
    }

    /// Shortens the wait for what nobody needs, if that is what this connection waits for: another request, or the rest
    /// of one that is answered. The first call counts, as often as it is repeated; one may come too early to be seen by
    /// a read that begins. From any thread.
    public void hurry(Duration atMost) {
        long current = wait.deadline(); // before anything is asked of it: a request may begin at any moment
        wait.shorten(current, times.hurried(System.nanoTime() + atMost.toNanos()));
    }

    /// Ends the wait in progress if its time is over.
    @Override
    public void check(long now) throws IOException {
        long current = wait.deadline();
        boolean isWrite = wait.isWriting(); // of the wait that `current` belongs to: it changes only between waits
        if (current == Wait.NONE) {
            return;
        }
        if (isWrite) {
            checkWrite(now, current);
        } else if (now >= current && wait.expire(current)) {
            channel.shutdownInput();
        }
    }

    private void checkWrite(long now, long current) throws IOException {
        switch (uptake.look(current, now, this::unsent)) {
            case WAIT -> {}
            case MORE_TIME -> wait.extend(current, uptake.until());
            case TOO_SLOW -> {
                if (wait.expire(current)) {
                    cutOff();
                }
            }
        }
    }

    private void cutOff() throws IOException {
        isTakenTooSlowly = true;
        try {
            resetWhenClosed(); // the peer may only be slow, and would read on to an end that looks good
        } finally {
            channel.close(); // an answer that is not taken cannot be followed by another
        }
    }

    /// 0 where it is not known: then no write takes longer than `timeout`.
    private long unsent() {
        try {
            return PeerState.unsent(channel);
        } catch (OsException _) {
            return 0;
        }
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (hasExpired) {
            throw new ReadTimeout(times.lateness());
        }
        int limit = into.limit();
        into.limit(Math.min(limit, into.position() + MOST_AT_ONCE));
        long began = System.nanoTime();
        wait.beginReading(times.deadline(began));
        int count;
        try {
            count = channel.read(into);
        } catch (IOException e) {
            throw new PeerGone("the connection broke while it was read", e);
        } finally {
            hasExpired = wait.endReading();
            into.limit(limit);
        }
        long ended = System.nanoTime();
        times.waited(ended - began, Math.max(count, 0));
        if (count > 0) {
            hasRead(count, ended);
        } else if (hasExpired) {
            throw new ReadTimeout(times.lateness());
        }
        return count;
    }

    /// To be called while nobody else uses the connection.
    @Override
    public int readNow(ByteBuffer into) throws IOException {
        if (hasExpired) {
            throw new ReadTimeout(times.lateness());
        }
        int count;
        try {
            channel.read(NOTHING); // on a virtual thread: the descriptor never blocks from here on, modes cost nothing
            channel.configureBlocking(false);
            try {
                count = channel.read(into);
            } finally {
                channel.configureBlocking(true);
            }
        } catch (IOException e) {
            throw new PeerGone("the connection broke while it was read", e);
        }
        if (count > 0) {
            hasRead(count, System.nanoTime());
        }
        return count;
    }

    private void hasRead(int count, long now) {
        bytesIn += count;
        times.cameIn(now);
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
    /// reset, which takes the answer from the peer (RFC 9112 section 9.6). Returns when the peer is done, or that much
    /// time or that many bytes have been spent on it.
    ///
    /// @throws ReadTimeout it was silent for too long, or the time is over
    public void linger(Duration most, long mostBytes) throws IOException {
        channel.shutdownOutput();
        if (hasExpired) {
            return; // its input is shut already
        }
        times.linger(System.nanoTime() + most.toNanos());
        ByteBuffer discarded = ByteBuffer.allocate(16 * 1024);
        long left = mostBytes;
        while (left > 0) {
            int count = read(discarded.clear());
            if (count < 0) {
                return;
            }
            left -= count;
        }
    }

    /// Makes the close that follows a reset, for a peer that would take a mere end for the end of the response. From
    /// any thread.
    public void resetWhenClosed() throws IOException {
        streamEnd.cut();
    }

    @Override
    public void beginUnframed() throws PeerGone {
        streamEnd.wouldEndBadly();
    }

    @Override
    public void endUnframed() throws PeerGone {
        streamEnd.endsWell();
    }

    /// Whether it was closed because the peer took what it was sent too slowly.
    public boolean isTakenTooSlowly() {
        return isTakenTooSlowly;
    }

    /// Whether its owner waits for the peer.
    public boolean isWaiting() {
        return wait.isInProgress();
    }

    /// Bytes of the peer, until now.
    public long bytesIn() {
        return bytesIn;
    }

    /// Bytes that the peer was sent by the owner, until now.
    public long bytesOut() {
        return bytesOut;
    }

    /// Ends a wait for input, and what could still be read. From any thread.
    public void stopReading() throws IOException {
        channel.shutdownInput();
    }

    /// For an answer out of the owner's turn: whatever the owner waits for is not touched by it. From any thread.
    public Transport outOfTurn() {
        return new OutOfTurn(channel);
    }

    private interface Write {
        long run() throws IOException;
    }

    private long writing(Write write) throws IOException {
        wait.beginWriting(System.nanoTime() + timeout.toNanos());
        try {
            long count = write.run();
            bytesOut += count;
            return count;
        } catch (IOException e) {
            throw new PeerGone(
                    isTakenTooSlowly ? uptake.shortfall() : "the connection broke while it was written", e);
        } finally {
            wait.endWriting();
        }
    }
}
