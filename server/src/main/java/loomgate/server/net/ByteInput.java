package loomgate.server.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// What has come in and was not yet used: a buffer in front of a [Transport] that a parser can look into without
/// committing itself, and that a body is read through.
///
/// Offsets count from the first byte that was not yet consumed. The buffer begins small, since on the uwsgi protocol
/// each request has a connection and so a buffer of its own, and grows up to a bound, since what the peer sends must
/// not decide how much memory it gets. For a peer that has sent nothing yet it is smaller still: there may be thousands
/// of them, and none may ever send anything.
public final class ByteInput {

    private static final int WHILE_SILENT = 512; // bytes

    private final Transport transport;
    private final int initial; // bytes of the first buffer
    private final int bound; // most bytes to look ahead
    private byte[] buffer; // null until the first byte is wanted
    private int start; // of what is left
    private int end;
    private boolean ended; // the transport has said so
    private boolean wasFilled; // what the last reading had room for

    /// @param initial bytes of the buffer at first, allocated when the first byte is wanted
    /// @param bound   the most bytes that can be looked at without consuming any
    public ByteInput(Transport transport, int initial, int bound) {
        this.transport = transport;
        this.bound = bound;
        this.initial = Math.min(initial, bound);
    }

    /// Bytes that can be looked at now.
    public int available() {
        return end - start;
    }

    /// Whether the peer's stream has ended. Bytes may still be available.
    public boolean isEnded() {
        return ended;
    }

    /// Reads once from the transport, behind what is there.
    ///
    /// @return false at the end of the peer's stream
    /// @throws IllegalStateException if as many bytes are available as may be looked at
    public boolean fill() throws IOException {
        if (ended) {
            return false;
        }
        int count = buffer == null ? readFirst() : readMore();
        if (count < 0) {
            ended = true;
            return false;
        }
        end += count;
        wasFilled = end == buffer.length;
        return true;
    }

    /// Whether more had come than was used by the time of the last reading. Does not wait. What came later may be told
    /// of or not.
    public boolean hasMore() throws IOException {
        if (available() == 0 && wasFilled && !ended) { // otherwise the last reading had room for it
            makeRoom();
            int count = transport.readNow(ByteBuffer.wrap(buffer, end, buffer.length - end));
            ended = count < 0;
            end += Math.max(count, 0);
        }
        return available() > 0;
    }

    private int readFirst() throws IOException {
        buffer = new byte[initial];
        int count = transport.readNow(ByteBuffer.wrap(buffer));
        if (count == 0) {
            buffer = new byte[Math.min(initial, WHILE_SILENT)];
            count = transport.read(ByteBuffer.wrap(buffer));
        }
        return count;
    }

    private int readMore() throws IOException {
        makeRoom();
        return transport.read(ByteBuffer.wrap(buffer, end, buffer.length - end));
    }

    /// The byte at an offset below [#available()].
    public byte peek(int offset) {
        return buffer[start + offset];
    }

    /// Sees to it that `count` bytes fit without a second growth.
    public void expect(int count) {
        if (count > bound) {
            throw new IllegalArgumentException(count + " bytes wanted, at most " + bound + " can be buffered");
        }
        if (buffer == null) {
            buffer = new byte[Math.max(initial, count)];
        } else if (start + count > buffer.length) {
            moveInto(count > buffer.length ? new byte[count] : buffer);
        }
    }

    public void consume(int count) {
        if (count > available()) {
            throw new IllegalArgumentException(count + " bytes consumed of " + available());
        }
        start += count;
    }

    /// Consumes that many available bytes and returns a copy of them.
    public byte[] take(int count) {
        byte[] taken = Arrays.copyOfRange(buffer, start, start + count);
        consume(count);
        return taken;
    }

    /// Reads what is available, else from the transport: past the buffer when as much is wanted as the buffer would
    /// hold.
    ///
    /// @return the number of bytes, at least 1 unless `length` is 0; -1 at the end of the peer's stream
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (available() == 0) {
            if (ended) {
                return -1;
            }
            if (length >= (buffer == null ? initial : buffer.length)) {
                int count = transport.read(ByteBuffer.wrap(into, offset, length));
                ended = count < 0;
                wasFilled = count == length;
                return count;
            }
            if (!fill()) {
                return -1;
            }
        }
        int count = Math.min(length, available());
        System.arraycopy(buffer, start, into, offset, count);
        start += count;
        return count;
    }

    private void makeRoom() {
        if (start == end) {
            start = 0;
            end = 0;
            if (buffer.length < initial) {
                buffer = new byte[initial];
            }
        } else if (end == buffer.length) {
            if (available() >= bound) {
                throw new IllegalStateException("the look-ahead of " + bound + " bytes is full");
            }
            int larger = Math.min(bound, Math.max(initial, 2 * buffer.length));
            boolean worthMoving = start >= buffer.length / 2 || larger == buffer.length;
            moveInto(worthMoving ? buffer : new byte[larger]);
        }
    }

    private void moveInto(byte[] to) {
        System.arraycopy(buffer, start, to, 0, available());
        end -= start;
        start = 0;
        buffer = to;
    }
}
