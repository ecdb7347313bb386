package loomgate.server.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import loomgate.server.net.ReadTimeout;

/// A request's body as the application reads it. What every codec's body has in common: a failure is a [BadRequest]
/// (the peer going away excepted), and it is final.
public abstract class RequestBody extends InputStream {

    /// [#unread()] when only the end of the body will tell, or when the end cannot be found any more.
    public static final long UNKNOWN = -1;

    private static final int DEFAULT_CHUNK = 16 * 1024; // bytes that InputStream.readNBytes allocates

    private static final byte[] NOTHING = {};

    private BadRequest failure; // null until it happened
    private byte[] one; // for reading single bytes; null until somebody does

    /// Bytes that the peer has still to send or that were sent and not read: 0 at the end, or [#UNKNOWN].
    public final long unread() {
        return failure == null ? remaining() : UNKNOWN;
    }

    /// As [#unread()], of a body that has not failed.
    protected abstract long remaining();

    /// Reads at least one byte, or -1 at the end of the body. `length` is not 0.
    protected abstract int readSome(byte[] into, int offset, int length) throws IOException;

    @Override
    public final int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (failure != null) {
            throw failure;
        }
        if (length == 0) {
            return 0;
        }
        try {
            return readSome(into, offset, length);
        } catch (BadRequest bad) {
            failure = bad;
            throw bad;
        } catch (ReadTimeout timeout) {
            failure = new BadRequest(408, "the request's body did not come in time: " + timeout.getMessage());
            throw failure;
        }
    }

    @Override
    public final int read() throws IOException {
        if (one == null) {
            one = new byte[1];
        }
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /// Allocates once where the length is known and small: a body of 200 bytes should not cost a buffer of 16 KiB.
    @Override
    public final byte[] readNBytes(int length) throws IOException {
        long remaining = unread();
        if (length < 0 || remaining == UNKNOWN || Math.min(remaining, length) > DEFAULT_CHUNK) {
            return super.readNBytes(length);
        }
        byte[] bytes = remaining == 0 ? NOTHING : new byte[(int) Math.min(remaining, length)];
        readNBytes(bytes, 0, bytes.length); // full, or it throws
        return bytes;
    }

    /// Reads to the end of the body, which is known to be near.
    public final void skipRest() throws IOException {
        byte[] scratch = new byte[4096];
        while (read(scratch, 0, scratch.length) >= 0) {
            // nobody wants it
        }
    }

    /// Changes nothing: the stream is the server's.
    @Override
    public final void close() {}
}
