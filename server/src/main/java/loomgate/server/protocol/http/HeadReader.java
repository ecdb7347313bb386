package loomgate.server.protocol.http;

import java.io.IOException;
import loomgate.server.net.ByteInput;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.Limits;
import loomgate.server.protocol.OtherProtocols;

/// Reads what comes before the body (RFC 9112 sections 2 to 5), a line at a time, and judges each line when it is
/// complete. The bytes stay in the input until the head is; [HttpHead] then has a copy.
final class HeadReader {

    private final ByteInput input;
    private final LineReader lines;
    private final Limits limits;

    private boolean isHead;

    HeadReader(ByteInput input, LineReader lines, Limits limits) {
        this.input = input;
        this.lines = lines;
        this.limits = limits;
    }

    /// Whether another request has begun; false if the peer's stream ended instead.
    ///
    /// One empty line before it is ignored (RFC 9112 section 2.2).
    boolean awaitRequest() throws IOException {
        isHead = false;
        if (!awaitBytes(1)) {
            return false;
        }
        if (input.peek(0) != '\r') {
            return true;
        }
        if (!awaitBytes(2)) {
            return false;
        }
        if (input.peek(1) != '\n') {
            throw new BadRequest(400, "the request line has a bare CR");
        }
        input.consume(2);
        return awaitBytes(1);
    }

    private boolean awaitBytes(int count) throws IOException {
        while (input.available() < count) {
            if (!input.fill()) {
                return false;
            }
        }
        return true;
    }

    /// Reads the request that has begun.
    HttpHead read() throws IOException {
        try {
            HttpHead head = readLines();
            isHead = head.method().equals("HEAD");
            return head;
        } catch (IOException refused) {
            isHead = lines.contains(0, input.available(), "HEAD ");
            throw refused;
        }
    }

    /// Whether the method of the request last read is HEAD, even if the request was refused.
    boolean isHead() {
        return isHead;
    }

    private HttpHead readLines() throws IOException {
        OtherProtocols.refuseOnHttp(input.peek(0));
        int limit = limits.bufferSize();
        int lineEnd = lines.endOfLine(0, limit, "the request line");
        if (lineEnd == LineReader.TOO_LONG) {
            throw RequestLine.tooLong(lines, limit);
        }
        RequestLine line = RequestLine.parse(lines, lineEnd);
        FieldLines fields = new FieldLines(FieldLines.Section.HEADER);
        int end = fields.read(lines, lineEnd + 2, limit);
        if (end == LineReader.TOO_LONG) {
            throw new BadRequest(431, "the request's head is longer than the limit, buffer-size = " + limit);
        }
        byte[] bytes = input.take(end);
        return new HttpHead(bytes, line, fields.in(bytes));
    }
}
