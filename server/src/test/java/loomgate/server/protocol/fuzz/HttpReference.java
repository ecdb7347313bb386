package loomgate.server.protocol.fuzz;

import java.util.ArrayList;
import java.util.List;
import loomgate.api.Headers;

/// A message of HTTP/1.x, found by RFC 9112 in the plainest way, to compare a codec with. Written apart from the codec,
/// and for bytes only that the codec has accepted: it refuses nothing.
///
/// @param requestLine without its line end
/// @param fields      names and values in turn, without the white space around them
/// @param body        without its framing, one octet a character; null if its end is not there
/// @param end         offset of the byte behind the message; -1 as the body is null
public record HttpReference(String requestLine, List<String> fields, String body, int end) {

    Headers headers() {
        return Headers.of(fields.toArray(String[]::new));
    }

    /// The message at an offset, behind one empty line if there is one (section 2.2).
    public static HttpReference at(String bytes, int offset) {
        int from = bytes.startsWith("\r\n", offset) ? offset + 2 : offset;
        int headEnd = bytes.indexOf("\r\n\r\n", from);
        if (headEnd < 0) {
            throw new AssertionError("a request was accepted whose head has no end");
        }
        String[] lines = bytes.substring(from, headEnd).split("\r\n");
        List<String> fields = new ArrayList<>();
        boolean isChunked = false;
        long length = 0;
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            String name = lines[i].substring(0, colon);
            String value = trimmed(lines[i].substring(colon + 1));
            fields.add(name);
            fields.add(value);
            isChunked |= name.equalsIgnoreCase("Transfer-Encoding");
            if (name.equalsIgnoreCase("Content-Length")) {
                length = Long.parseLong(value);
            }
        }
        int bodyFrom = headEnd + 4;
        if (isChunked) {
            return ofChunks(bytes, bodyFrom, lines[0], fields);
        }
        boolean isComplete = length <= bytes.length() - bodyFrom;
        return isComplete
                ? new HttpReference(lines[0], fields, bytes.substring(bodyFrom, bodyFrom + (int) length),
                        bodyFrom + (int) length)
                : cutShort(lines[0], fields);
    }

    /// `chunked-body` of section 7.1.
    private static HttpReference ofChunks(String bytes, int from, String requestLine, List<String> fields) {
        StringBuilder body = new StringBuilder();
        int at = from;
        while (true) {
            int lineEnd = bytes.indexOf("\r\n", at);
            if (lineEnd < 0) {
                return cutShort(requestLine, fields);
            }
            long size = hexadecimal(trimmed(bytes.substring(at, lineEnd).split(";", 2)[0]));
            at = lineEnd + 2;
            if (size == 0) {
                int end = bytes.startsWith("\r\n", at) ? at : bytes.indexOf("\r\n\r\n", at) + 2; // behind the trailers
                return end < at ? cutShort(requestLine, fields)
                        : new HttpReference(requestLine, fields, body.toString(), end + 2);
            }
            if (size < 0 || size > bytes.length() - at - 2) {
                return cutShort(requestLine, fields);
            }
            body.append(bytes, at, at + (int) size);
            at += (int) size + 2;
        }
    }

    private static HttpReference cutShort(String requestLine, List<String> fields) {
        return new HttpReference(requestLine, fields, null, -1);
    }

    /// -1 if it is none, or beyond all bounds.
    private static long hexadecimal(String digits) {
        try {
            return digits.startsWith("+") ? -1 : Long.parseLong(digits, 16);
        } catch (NumberFormatException _) {
            return -1;
        }
    }

    private static String trimmed(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isBlank(text.charAt(from))) {
            from++;
        }
        while (to > from && isBlank(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
