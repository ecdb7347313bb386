package loomgate.server.protocol.http;

import java.io.IOException;
import loomgate.server.net.ByteInput;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.Limits;
import loomgate.server.protocol.Octets;
import loomgate.server.protocol.RequestBody;

/// `chunked-body` of RFC 9112 section 7.1. Chunk extensions and trailer fields are checked and ignored.
final class ChunkedBody extends RequestBody {

    private static final int MOST_CHUNK_LINE = 256; // bytes of chunk-size, extensions and CRLF
    private static final String PART = "the chunked body";

    private final ByteInput input;
    private final LineReader lines;
    private final int mostTrailer; // bytes
    private long remaining; // bytes of the chunk's data
    private boolean isWithinChunk; // its data or the CRLF behind
    private boolean hasEnded;

    ChunkedBody(ByteInput input, LineReader lines, Limits limits) {
        this.input = input;
        this.lines = lines;
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
            remaining = readChunkSize();
            isWithinChunk = true;
            if (remaining == 0) {
                readTrailerSection();
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

    /// `chunk-size [ chunk-ext ] CRLF`, where `chunk-size = 1*HEXDIG`.
    private long readChunkSize() throws IOException {
        int end = lines.endOfLine(0, Math.min(MOST_CHUNK_LINE, mostTrailer), PART);
        if (end == LineReader.TOO_LONG) {
            throw new BadRequest(400, "a chunk's size and extensions have more than " + MOST_CHUNK_LINE + " bytes");
        }
        long size = 0;
        int at = 0;
        for (; at < end && Octets.hexadecimal(input.peek(at)) >= 0; at++) {
            if (size > Long.MAX_VALUE >> 4) {
                throw new BadRequest(400, "a chunk's size is too large");
            }
            size = size << 4 | Octets.hexadecimal(input.peek(at));
        }
        if (at == 0 || !isExtension(at, end)) {
            throw new BadRequest(400, "a chunk's size is no hexadecimal number");
        }
        input.consume(end + 2);
        return size;
    }

    /// `chunk-ext = *( BWS ";" … )` of section 7.1.1.
    private boolean isExtension(int from, int end) {
        int at = from;
        while (at < end && (input.peek(at) == ' ' || input.peek(at) == '\t')) {
            at++;
        }
        return at < end ? input.peek(at) == ';' : at == from;
    }

    /// `trailer-section = *( field-line CRLF )` and the empty line (section 7.1.2).
    private void readTrailerSection() throws IOException {
        int left = mostTrailer;
        while (true) {
            int end = lines.endOfLine(0, left, "the trailer section");
            if (end == LineReader.TOO_LONG) {
                throw new BadRequest(431, "the trailer section is longer than the limit, buffer-size = " + mostTrailer);
            }
            requireFieldLine(end);
            input.consume(end + 2);
            left -= end + 2;
            if (end == 0) {
                return;
            }
        }
    }

    private void requireFieldLine(int end) throws BadRequest {
        int at = 0;
        while (at < end && Octets.isTokenCharacter(input.peek(at))) {
            at++;
        }
        if (end > 0 && (at == 0 || at == end || input.peek(at) != ':')) {
            throw new BadRequest(400, "a trailer field is malformed");
        }
    }
}
