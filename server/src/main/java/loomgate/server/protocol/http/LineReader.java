package loomgate.server.protocol.http;

import java.io.IOException;
import loomgate.server.net.ByteInput;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.Octets;

/// Finds the lines of a message in the input, and the parts of a line. Nothing is consumed. Offsets are the input's.
///
/// A line ends with CRLF and with nothing else: a recipient may be lenient (RFC 9112 section 2.2), but two that are
/// lenient in different ways can be played off against each other.
final class LineReader {

    /// The line does not end within the limit.
    static final int TOO_LONG = -1;

    private final ByteInput input;

    LineReader(ByteInput input) {
        this.input = input;
    }

    /// The offset of the CR that ends the line that begins at offset `from`, after reading as far as that; [#TOO_LONG]
    /// if the line with its CRLF is not over at offset `limit`.
    ///
    /// Bytes are judged in the order they came in, whatever portions they came in.
    ///
    /// @param part of the message, for the reason when it is cut short
    int endOfLine(int from, int limit, String part) throws IOException {
        int at = from;
        while (true) {
            int available = Math.min(input.available(), limit);
            while (at < available && !Octets.isControl(input.peek(at))) {
                at++;
            }
            if (at < available) {
                byte control = input.peek(at);
                if (control == '\t') {
                    at++;
                    continue;
                }
                if (control != '\r') {
                    throw new BadRequest(400, control == '\n' ? part + " has a bare LF"
                            : part + " has a control character: 0x" + Integer.toHexString(control));
                }
                if (at + 1 < available) {
                    if (input.peek(at + 1) != '\n') {
                        throw new BadRequest(400, part + " has a bare CR");
                    }
                    return at;
                }
            }
            if (available == limit) {
                return TOO_LONG;
            }
            if (!input.fill()) {
                throw new BadRequest(400, "the connection ended within " + part);
            }
        }
    }

    /// A byte that has come in.
    byte peek(int offset) {
        return input.peek(offset);
    }

    /// A part of what has come in, a byte a character.
    String text(int from, int to) {
        StringBuilder text = new StringBuilder(to - from);
        for (int i = from; i < to; i++) {
            text.append((char) (input.peek(i) & 0xff));
        }
        return text.toString();
    }

    /// The end of the `token` that begins at offset `from`; `from` itself if there is none.
    int tokenEnd(int from, int end) {
        int at = from;
        while (at < end && Octets.isTokenCharacter(input.peek(at))) {
            at++;
        }
        return at;
    }

    /// The end of the spaces and tabs that begin at offset `from`.
    int whitespaceEnd(int from, int end) {
        int at = from;
        while (at < end && isWhitespace(at)) {
            at++;
        }
        return at;
    }

    boolean isWhitespace(int offset) {
        return input.peek(offset) == ' ' || input.peek(offset) == '\t';
    }

    /// Whether the text stands at offset `from`, all of it before offset `end`.
    boolean contains(int from, int end, String text) {
        if (end - from < text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (input.peek(from + i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
