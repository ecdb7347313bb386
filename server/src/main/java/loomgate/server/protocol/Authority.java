package loomgate.server.protocol;

/// The grammar of `uri-host [ ":" port ]`, which is a Host field and the authority of a request target (RFC 9110
/// sections 4.2 and 7.2). User information has no place in either (section 4.2.4).
///
/// Stricter than RFC 3986 in three: a port is at most 65535; a comma is refused, since two fields may have become one
/// (RFC 9110 section 5.3); an IP literal is an address of IPv6, without a zone.
public final class Authority {

    private static final int LARGEST_PORT = 65535;

    private Authority() {}

    /// Whether the bytes are an authority. None at all are one: the target URI has none (RFC 9110 section 7.2).
    public static boolean isValid(byte[] bytes, int from, int to) {
        int hostTo = hostEnd(bytes, from, to);
        if (hostTo == to) {
            return true;
        }
        return hostTo > from && bytes[hostTo] == ':' && isPort(bytes, hostTo + 1, to);
    }

    /// `port = *DIGIT`
    private static boolean isPort(byte[] bytes, int from, int to) {
        if (from == to) {
            return true;
        }
        long port = Octets.decimal(bytes, from, to);
        return port >= 0 && port <= LARGEST_PORT;
    }

    /// The end of `host = IP-literal / IPv4address / reg-name` (RFC 3986 section 3.2.2); `from` if there is none.
    private static int hostEnd(byte[] bytes, int from, int to) {
        if (from < to && bytes[from] == '[') {
            int close = from + 1;
            while (close < to && bytes[close] != ']') {
                close++;
            }
            return close < to && isIpv6(bytes, from + 1, close) ? close + 1 : from;
        }
        int at = from;
        while (at < to) {
            if (isNameCharacter(bytes[at])) {
                at++;
            } else if (isPercentEncoded(bytes, at, to)) {
                at += 3;
            } else {
                break;
            }
        }
        return at;
    }

    /// `unreserved / sub-delims` without the comma.
    private static boolean isNameCharacter(byte b) {
        return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
                || b > 0 && "-._~!$&'()*+;=".indexOf(b) >= 0;
    }

    private static boolean isPercentEncoded(byte[] bytes, int at, int to) {
        return bytes[at] == '%' && at + 2 < to
                && Octets.hexadecimal(bytes[at + 1]) >= 0 && Octets.hexadecimal(bytes[at + 2]) >= 0;
    }

    /// `IPv6address`: eight groups, the last two of which may be written as IPv4; once, `::` stands for one group or
    /// more.
    private static boolean isIpv6(byte[] bytes, int from, int to) {
        int groups = 0;
        boolean hasGap = isGap(bytes, from, to);
        int at = hasGap ? from + 2 : from;
        while (at < to) {
            int end = at;
            while (end < to && Octets.hexadecimal(bytes[end]) >= 0) {
                end++;
            }
            if (end < to && bytes[end] == '.') {
                groups += 2;
                return isIpv4(bytes, at, to) && (hasGap ? groups < 8 : groups == 8);
            }
            if (end == at || end - at > 4) {
                return false;
            }
            groups++;
            if (end == to) {
                break;
            }
            if (bytes[end] != ':' || end + 1 == to || hasGap && isGap(bytes, end, to)) {
                return false;
            }
            boolean isGap = isGap(bytes, end, to);
            hasGap |= isGap;
            at = isGap ? end + 2 : end + 1;
        }
        return hasGap ? groups < 8 : groups == 8;
    }

    private static boolean isGap(byte[] bytes, int at, int to) {
        return at + 1 < to && bytes[at] == ':' && bytes[at + 1] == ':';
    }

    /// `IPv4address = dec-octet "." dec-octet "." dec-octet "." dec-octet`
    private static boolean isIpv4(byte[] bytes, int from, int to) {
        int at = from;
        for (int i = 1; i <= 4; i++) {
            int end = at;
            while (end < to && bytes[end] != '.') {
                end++;
            }
            long octet = Octets.decimal(bytes, at, end);
            boolean hasLeadingZero = end - at > 1 && bytes[at] == '0';
            if (octet < 0 || octet > 255 || hasLeadingZero || i < 4 && end == to || i == 4 && end < to) {
                return false;
            }
            at = end + 1;
        }
        return true;
    }
}
