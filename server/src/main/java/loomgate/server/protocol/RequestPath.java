package loomgate.server.protocol;

import java.nio.charset.StandardCharsets;

/// The path that an application gets.
///
/// **The rule.** Percent-encoding is decoded once; the result is split at each slash, those that were encoded included;
/// then `.` and `..` segments are resolved as in RFC 3986 section 5.2.4. Refused with 400 are: malformed
/// percent-encoding, a NUL, and a `..` that would leave the root. Empty segments stay. What is left is decoded as
/// UTF-8, with U+FFFD for what is none. So no path that an application sees has a `.` or `..` segment, however it was
/// written.
public final class RequestPath {

    private final byte[] bytes;
    private final int from;
    private final int to;
    private String text; // null until it is asked for

    private RequestPath(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
    }

    /// The path, `/` if it is empty (RFC 9110 section 4.2.3).
    public String text() {
        if (text == null) {
            text = from == to ? "/" : new String(bytes, from, to - from, StandardCharsets.UTF_8);
        }
        return text;
    }

    /// The path's octets, one a character, as CGI has them.
    public String octets() {
        return from == to ? "/" : new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /// Of a path as it stands in a URI: percent-encoded.
    public static RequestPath ofEncoded(byte[] bytes, int from, int to) throws BadRequest {
        boolean isPlain = true;
        for (int i = from; i < to && isPlain; i++) {
            isPlain = bytes[i] != '%';
        }
        return isPlain ? ofDecoded(bytes, from, to) : percentDecoded(bytes, from, to);
    }

    /// `pct-encoded` of RFC 3986 section 2.1.
    private static RequestPath percentDecoded(byte[] bytes, int from, int to) throws BadRequest {
        byte[] decoded = new byte[to - from];
        int length = 0;
        for (int i = from; i < to; i++) {
            if (bytes[i] == '%') {
                int high = i + 2 < to ? Octets.hexadecimal(bytes[i + 1]) : -1;
                int low = i + 2 < to ? Octets.hexadecimal(bytes[i + 2]) : -1;
                if (high < 0 || low < 0) {
                    throw new BadRequest(400, "the path has a malformed percent-encoding");
                }
                decoded[length++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                decoded[length++] = bytes[i];
            }
        }
        return ofDecoded(decoded, 0, length);
    }

    /// Of a path that the gateway has decoded.
    public static RequestPath ofDecoded(byte[] bytes, int from, int to) throws BadRequest {
        boolean hasDotSegment = false;
        for (int i = from; i < to; i++) {
            if (bytes[i] == 0) {
                throw new BadRequest(400, "the path has a NUL");
            }
            hasDotSegment |= bytes[i] == '.' && (i == from || bytes[i - 1] == '/');
        }
        return hasDotSegment ? withoutDotSegments(bytes, from, to) : new RequestPath(bytes, from, to);
    }

    /// `remove_dot_segments` of RFC 3986 section 5.2.4.
    private static RequestPath withoutDotSegments(byte[] bytes, int from, int to) throws BadRequest {
        byte[] resolved = new byte[to - from];
        int length = 0; // of resolved: ends where the next segment's slash belongs
        int at = from;
        while (at < to) {
            int end = at + 1; // of the segment, whose slash is at `at`
            while (end < to && bytes[end] != '/') {
                end++;
            }
            int name = bytes[at] == '/' ? at + 1 : at;
            boolean isLast = end == to;
            if (isDots(bytes, name, end, 1)) {
                if (isLast) {
                    resolved[length++] = '/';
                }
            } else if (isDots(bytes, name, end, 2)) {
                if (length == 0) {
                    throw new BadRequest(400, "the path leaves the root");
                }
                do {
                    length--;
                } while (resolved[length] != '/' && length > 0);
                if (isLast) {
                    resolved[length++] = '/';
                }
            } else {
                System.arraycopy(bytes, at, resolved, length, end - at);
                length += end - at;
            }
            at = end;
        }
        return new RequestPath(resolved, 0, length);
    }

    private static boolean isDots(byte[] bytes, int from, int to, int count) {
        if (to - from != count) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (bytes[i] != '.') {
                return false;
            }
        }
        return true;
    }
}
