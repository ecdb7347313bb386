package loomgate.server.protocol;

import java.io.IOException;
import loomgate.server.net.ByteInput;

/// A body of an announced number of bytes (RFC 9112 section 6.2; `CONTENT_LENGTH` of the uwsgi protocol). What follows
/// them is not touched.
public final class FixedLengthBody extends RequestBody {

    private final ByteInput input;
    private final long length;
    private long remaining; // bytes

    public FixedLengthBody(ByteInput input, long length) {
        this.input = input;
        this.length = length;
        this.remaining = length;
    }

    @Override
    protected long remaining() {
        return remaining;
    }

    @Override
    protected int readSome(byte[] into, int offset, int wanted) throws IOException {
        if (remaining == 0) {
            return -1;
        }
        int count = input.read(into, offset, (int) Math.min(wanted, remaining));
        if (count < 0) {
            throw new BadRequest(400, "the connection ended after " + (length - remaining) + " of the body's "
                    + length + " bytes");
        }
        remaining -= count;
        return count;
    }

    @Override
    public int available() {
        return (int) Math.min(remaining, input.available());
    }
}
