package loomgate.server.protocol.http;

import java.io.IOException;
import loomgate.server.net.ByteInput;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.Limits;
import loomgate.server.protocol.RequestBody;

/// `chunked-body` of RFC 9112 section 7.1.
final class ChunkedBody extends RequestBody {

    static final String PART = "the chunked body"; // in the words of a reason

    private final ByteInput input;
    private final LineReader lines;
    private final ChunkSizes sizes;
    private final int mostTrailer; // bytes
    private long remaining; // bytes of the chunk's data
    private boolean isWithinChunk; // its data or the CRLF behind
    private boolean hasEnded;

    ChunkedBody(ByteInput input, LineReader lines, Limits limits) {
        this.input = input;
        this.lines = lines;
        this.sizes = new ChunkSizes(input, lines, limits.bufferSize());
        this.mostTrailer = limits.bufferSize();
    }

    @Override
    protected long remaining() {
        return hasEnded ? 0 : UNKNOWN;
    }

    /// `chunked-body = *chunk last-chunk trailer-section CRLF`
    @Override
    protected int readSome(byte[] into, int offset, int length) throws IOException {
        if (hasEnded) {
            return -1;
        }
        if (remaining == 0) {
            if (isWithinChunk) {
                readChunkEnd();
            }
            remaining = sizes.next();
            isWithinChunk = true;
            if (remaining == 0) {
                TrailerSection.skip(input, lines, mostTrailer);
                hasEnded = true;
                return -1;
            }
        }
        int count = input.read(into, offset, (int) Math.min(length, remaining));
        if (count < 0) {
            throw new BadRequest(400, "the connection ended within " + PART);
        }
        remaining -= count;
        return count;
    }

    @Override
    public int available() {
        return (int) Math.min(remaining, input.available());
    }

    /// The CRLF behind `chunk-data`.
    private void readChunkEnd() throws IOException {
        for (int i = 0; i < 2; i++) {
            if (input.available() == i && !input.fill()) {
                throw new BadRequest(400, "the connection ended within " + PART);
            }
            if (input.peek(i) != (i == 0 ? '\r' : '\n')) {
                throw new BadRequest(400, "a chunk is longer than its size says");
            }
        }
        input.consume(2);
        isWithinChunk = false;
    }
}
