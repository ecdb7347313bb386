package loomgate.server.log;

import java.util.HexFormat;

/// Text from outside, as a log shows it: it cannot end a line, steer a terminal or make the line too long.
public final class Printable {

    private static final HexFormat HEX = HexFormat.of();

    private Printable() {}

    /// The text, with an escape in place of whatever is not printable ASCII: `\x9b` for an octet, with `u` and four
    /// digits for a character that is more.
    ///
    /// @param most characters, not counting the `...` in place of what has no room
    public static String of(String text, int most) {
        StringBuilder printable = new StringBuilder(Math.min(text.length(), most));
        append(printable, text, most);
        return printable.toString();
    }

    static void append(StringBuilder line, String text, int most) {
        int room = most;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean isPlain = c >= ' ' && c < 0x7f;
            int needs = isPlain ? 1 : c <= 0xff ? 4 : 6;
            if (room < needs) {
                line.append("...");
                return;
            }
            room -= needs;
            if (isPlain) {
                line.append(c);
            } else if (c <= 0xff) {
                line.append("\\x").append(HEX.toHexDigits((byte) c));
            } else {
                line.append("\\u").append(HEX.toHexDigits(c));
            }
        }
    }
}
