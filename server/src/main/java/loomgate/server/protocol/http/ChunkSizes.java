package loomgate.server.protocol.http;

import java.io.IOException;
import loomgate.server.net.ByteInput;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.Octets;

/// Reads the lines that stand before the chunks of one body (RFC 9112 section 7.1). Extensions are checked and ignored;
/// there is a limit for those of a line and one for all of a body (section 7.1.1).
final class ChunkSizes {

    private static final int MOST_LINE = 256; // bytes, CRLF included
    private static final int MOST_DIGITS = 16;
    private static final int MOST_EXTENSIONS = 4096; // bytes

    private final ByteInput input;
    private final LineReader lines;
    private final int mostLine; // bytes
    private int extensions; // bytes so far

    /// @param bufferSize the most bytes that the input looks ahead
    ChunkSizes(ByteInput input, LineReader lines, int bufferSize) {
        this.input = input;
        this.lines = lines;
        this.mostLine = Math.min(MOST_LINE, bufferSize);
    }

    /// Reads and consumes the next line, `chunk-size [ chunk-ext ] CRLF`, where `chunk-size = 1*HEXDIG`.
    long next() throws IOException {
        int end = lines.endOfLine(0, mostLine, ChunkedBody.PART);
        if (end == LineReader.TOO_LONG) {
            throw new BadRequest(400, "a chunk's size and extensions have more than " + mostLine + " bytes");
        }
        long size = 0;
        int at = 0;
        for (; at < end && Octets.hexadecimal(lines.peek(at)) >= 0; at++) {
            if (at == MOST_DIGITS || size > Long.MAX_VALUE >> 4) {
                throw new BadRequest(400, "a chunk's size is too large");
            }
            size = size << 4 | Octets.hexadecimal(lines.peek(at));
        }
        if (at == 0) {
            throw new BadRequest(400, "a chunk's size is no hexadecimal number");
        }
        requireExtensions(at, end);
        input.consume(end + 2);
        return size;
    }

    /// `chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )`.
    private void requireExtensions(int from, int end) throws BadRequest {
        int at = from;
        while (at < end) {
            int semicolon = lines.whitespaceEnd(at, end);
            if (semicolon == end || lines.peek(semicolon) != ';') {
                throw new BadRequest(400, "a chunk's size is followed by something that is no extension");
            }
            at = extensionEnd(lines.whitespaceEnd(semicolon + 1, end), end);
        }
        extensions += end - from;
        if (extensions > MOST_EXTENSIONS) {
            throw new BadRequest(400,
                    "the extensions of the body's chunks have more than " + MOST_EXTENSIONS + " bytes");
        }
    }

    /// The end of an extension, whose name begins at offset `from`.
    private int extensionEnd(int from, int end) throws BadRequest {
        int nameEnd = lines.tokenEnd(from, end);
        if (nameEnd == from) {
            throw new BadRequest(400, "a chunk's extension has no name");
        }
        int equals = lines.whitespaceEnd(nameEnd, end);
        if (equals == end || lines.peek(equals) != '=') {
            return nameEnd;
        }
        int value = lines.whitespaceEnd(equals + 1, end);
        int valueEnd = valueEnd(value, end);
        if (valueEnd == value) {
            throw new BadRequest(400, "a chunk's extension has no value, or one that does not end");
        }
        return valueEnd;
    }

    /// `chunk-ext-val = token / quoted-string`. The end of the value; `from` itself if there is none.
    private int valueEnd(int from, int end) {
        if (from == end || lines.peek(from) != '"') {
            return lines.tokenEnd(from, end);
        }
        int at = from + 1;
        while (at < end) {
            if (lines.peek(at) == '"') {
                return at + 1;
            }
            at += lines.peek(at) == '\\' ? 2 : 1; // quoted-pair of RFC 9110 section 5.6.4
        }
        return from;
    }
}
