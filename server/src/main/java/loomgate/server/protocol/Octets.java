package loomgate.server.protocol;

import java.nio.charset.StandardCharsets;

/// The classes of octets that the grammar of messages speaks of.
public final class Octets {

    private static final boolean[] TCHAR = new boolean[256];

    static {
        for (char c : ("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz").toCharArray()) {
            TCHAR[c] = true;
        }
    }

    private Octets() {}

    /// The octets of a text of ASCII.
    public static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// `tchar` of RFC 9110 section 5.6.2.
    public static boolean isTokenCharacter(byte b) {
        return TCHAR[b & 0xff];
    }

    /// Whether the bytes are a `token` of RFC 9110 section 5.6.2.
    public static boolean isToken(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!TCHAR[bytes[i] & 0xff]) {
                return false;
            }
        }
        return from < to;
    }

    /// `CTL` of RFC 5234: what no line of a message may contain, HTAB apart.
    public static boolean isControl(byte b) {
        return b >= 0 && b < ' ' || b == 0x7f;
    }

    /// Whether one of the bytes is a control character.
    public static boolean containsControl(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (isControl(bytes[i])) {
                return true;
            }
        }
        return false;
    }

    /// Whether the bytes are allowed in a `field-value` of RFC 9110 section 5.5: visible characters, `obs-text`, SP,
    /// HTAB.
    public static boolean isFieldValue(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (isControl(bytes[i]) && bytes[i] != '\t') {
                return false;
            }
        }
        return true;
    }

    /// Whether the bytes are that ASCII text, in whatever case.
    ///
    /// @param lowerCase the text in lower case
    public static boolean equalsIgnoreCase(byte[] bytes, int from, int to, String lowerCase) {
        if (to - from != lowerCase.length()) {
            return false;
        }
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if ((b >= 'A' && b <= 'Z' ? b + 32 : b) != lowerCase.charAt(i - from)) {
                return false;
            }
        }
        return true;
    }

    /// The value of `1*DIGIT`, -1 if the bytes are anything else or the value is too large for a long.
    public static long decimal(byte[] bytes, int from, int to) {
        if (from == to) {
            return -1;
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                return -1;
            }
            value = 10 * value + digit;
        }
        return value;
    }

    /// Whether the bytes are `1*DIGIT`.
    public static boolean isDigits(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] < '0' || bytes[i] > '9') {
                return false;
            }
        }
        return from < to;
    }

    /// The value of `HEXDIG` (RFC 5234), -1 if it is none.
    public static int hexadecimal(byte b) {
        if (b >= '0' && b <= '9') {
            return b - '0';
        }
        int lower = b | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }
}
