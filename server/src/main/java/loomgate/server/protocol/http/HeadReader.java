package loomgate.server.protocol.http;

import java.io.IOException;
import java.util.Arrays;
import loomgate.server.net.ByteInput;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.Limits;
import loomgate.server.protocol.Octets;

/// Reads what comes before the body (RFC 9112 sections 2 to 5), a line at a time, and judges each line when it is
/// complete. The bytes stay in the input until the head is; [HttpHead] then has a copy.
final class HeadReader {

    private static final int MOST_FIELDS = 128;
    private static final int USUAL_FIELDS = 12;

    private static final byte TLS_HANDSHAKE = 0x16; // ContentType of RFC 8446 section 5.1
    private static final int UWSGI_REQUEST = 0; // modifier1, the first byte of a packet
    private static final int UWSGI_REQUEST_WITH_SCRIPT_NAME = 30;

    private final ByteInput input;
    private final LineReader lines;
    private final Limits limits;

    private int methodEnd; // offset of the space behind the method
    private boolean isHead;
    private int targetEnd;
    private int lineEnd;
    private int[] fields; // for each: offsets of the name's begin and end, the value's begin and end
    private int fieldCount;

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
        refuseOtherProtocols(input.peek(0));
        fields = new int[4 * USUAL_FIELDS];
        fieldCount = 0;
        lineEnd = lines.endOfLine(0, limits.bufferSize(), "the request line");
        if (lineEnd == LineReader.TOO_LONG) {
            throw tooLarge(414, "the request line");
        }
        parseRequestLine();
        int from = lineEnd + 2;
        while (true) {
            int end = lines.endOfLine(from, limits.bufferSize(), "the header section");
            if (end == LineReader.TOO_LONG) {
                throw tooLarge(431, "the request's head");
            }
            if (end == from) {
                break;
            }
            parseFieldLine(from, end);
            from = end + 2;
        }
        return new HttpHead(input.take(from + 2), methodEnd, targetEnd, lineEnd, fields, fieldCount);
    }

    /// Whether the method of the request line last read is HEAD, even if the head was refused.
    boolean isHead() {
        return isHead;
    }

    private BadRequest tooLarge(int status, String part) {
        return new BadRequest(status, part + " is longer than the limit, buffer-size = " + limits.bufferSize());
    }

    /// A port mistaken for another is the operator's most likely error: the reason says so.
    private static void refuseOtherProtocols(byte first) throws BadRequest {
        if (first == TLS_HANDSHAKE) {
            throw new BadRequest(400, "the peer speaks TLS, this socket speaks HTTP: use http://, TLS is nginx's part");
        }
        if (first == UWSGI_REQUEST || first == UWSGI_REQUEST_WITH_SCRIPT_NAME) {
            throw new BadRequest(400, "the peer speaks the uwsgi protocol, this socket speaks HTTP:"
                    + " use proxy_pass in nginx, or declare it with socket instead of http");
        }
    }

    /// `request-line = method SP request-target SP HTTP-version` of RFC 9112 section 3.
    private void parseRequestLine() throws BadRequest {
        int end = tokenEnd(0, lineEnd);
        if (end == 0 || end == lineEnd || input.peek(end) != ' ') {
            throw new BadRequest(400, "the request line does not begin with a method and a space");
        }
        methodEnd = end;
        isHead = isMethod("HEAD");
        targetEnd = methodEnd + 1;
        while (targetEnd < lineEnd && input.peek(targetEnd) != ' ' && input.peek(targetEnd) != '\t') {
            targetEnd++;
        }
        if (targetEnd == lineEnd) {
            throw new BadRequest(400, "the request line has no HTTP version");
        }
        if (targetEnd == methodEnd + 1 || input.peek(targetEnd) != ' ') {
            throw new BadRequest(400, "the request line has no request target");
        }
        parseVersion(targetEnd + 1);
        if (isMethod("CONNECT")) {
            throw new BadRequest(501, "CONNECT is for proxies, and this is none");
        }
    }

    /// `HTTP-version = "HTTP" "/" DIGIT "." DIGIT` of RFC 9112 section 2.3.
    private void parseVersion(int from) throws BadRequest {
        if (lineEnd - from != 8 || !contains(from, "HTTP/") || !isDigit(from + 5)
                || input.peek(from + 6) != '.' || !isDigit(from + 7)) {
            throw new BadRequest(400, "the request line does not end with an HTTP version");
        }
        if (input.peek(from + 5) == '1') {
            return;
        }
        if (isMethod("PRI")) {
            throw new BadRequest(400, "the client speaks HTTP/2 without being asked to,"
                    + " this socket speaks HTTP/1.1: HTTP/2 is nginx's part");
        }
        throw new BadRequest(505, "the HTTP version is not 1.0 or 1.1: "
                + (char) input.peek(from + 5) + "." + (char) input.peek(from + 7));
    }

    /// `field-line = field-name ":" OWS field-value OWS` of RFC 9112 section 5.
    private void parseFieldLine(int from, int end) throws BadRequest {
        int colon = tokenEnd(from, end);
        if (colon == from && isWhitespace(from)) {
            throw new BadRequest(400, "a header field is folded over lines"); // obs-fold, section 5.2
        }
        if (colon == from || colon == end || input.peek(colon) != ':') {
            throw new BadRequest(400, colon < end && isWhitespace(colon)
                    ? "there is a space within a header field's name or between it and the colon" // section 5.1
                    : "a header field's name is no token, or the colon is missing");
        }
        if (fieldCount == MOST_FIELDS) {
            throw new BadRequest(431, "the request has more than " + MOST_FIELDS + " header fields");
        }
        int valueFrom = colon + 1;
        int valueEnd = end;
        while (valueFrom < valueEnd && isWhitespace(valueFrom)) {
            valueFrom++;
        }
        while (valueEnd > valueFrom && isWhitespace(valueEnd - 1)) {
            valueEnd--;
        }
        int at = 4 * fieldCount++;
        if (at == fields.length) {
            fields = Arrays.copyOf(fields, 2 * at);
        }
        fields[at] = from;
        fields[at + 1] = colon;
        fields[at + 2] = valueFrom;
        fields[at + 3] = valueEnd;
    }

    private int tokenEnd(int from, int end) {
        int at = from;
        while (at < end && Octets.isTokenCharacter(input.peek(at))) {
            at++;
        }
        return at;
    }

    private boolean isMethod(String method) {
        return methodEnd == method.length() && contains(0, method);
    }

    private boolean contains(int from, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (input.peek(from + i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private boolean isDigit(int offset) {
        return input.peek(offset) >= '0' && input.peek(offset) <= '9';
    }

    private boolean isWhitespace(int offset) {
        return input.peek(offset) == ' ' || input.peek(offset) == '\t';
    }
}
