package loomgate.server.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// How a corpus writes bytes: `\r`, `\n`, `\t`, `\\`, `\xNN`, and `\{N:text}` for N times a text. Everything else
/// stands for itself, in UTF-8.
public final class EscapedText {

    private EscapedText() {}

    public static byte[] bytes(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int at = 0;
        while (at < text.length()) {
            if (text.charAt(at) != '\\') {
                String character = Character.toString(text.codePointAt(at));
                bytes.writeBytes(character.getBytes(StandardCharsets.UTF_8));
                at += character.length();
                continue;
            }
            char kind = text.charAt(at + 1);
            at += 2;
            switch (kind) {
                case 'r' -> bytes.write('\r');
                case 'n' -> bytes.write('\n');
                case 't' -> bytes.write('\t');
                case '\\' -> bytes.write('\\');
                case 'x' -> {
                    bytes.write(Integer.parseInt(text, at, at + 2, 16));
                    at += 2;
                }
                case '{' -> {
                    int colon = text.indexOf(':', at);
                    int end = text.indexOf('}', colon);
                    byte[] repeated = bytes(text.substring(colon + 1, end));
                    for (int i = Integer.parseInt(text, at, colon, 10); i > 0; i--) {
                        bytes.writeBytes(repeated);
                    }
                    at = end + 1;
                }
                default -> throw new IllegalArgumentException("no escape: \\" + kind + " in " + text);
            }
        }
        return bytes.toByteArray();
    }

    /// Text that [#bytes] makes these bytes of. A line of the message is one of the text.
    public static String of(byte[] bytes) {
        StringBuilder escaped = new StringBuilder();
        for (byte b : bytes) {
            escaped.append(b < 0 ? String.format("\\x%02x", b & 0xff) : of(Character.toString(b)));
            if (b == '\n') {
                escaped.append('\n');
            }
        }
        return escaped.toString();
    }

    /// Text in which every character that cannot be seen is escaped.
    public static String of(String text) {
        StringBuilder escaped = new StringBuilder();
        for (char c : text.toCharArray()) {
            switch (c) {
                case '\r' -> escaped.append("\\r");
                case '\n' -> escaped.append("\\n");
                case '\t' -> escaped.append("\\t");
                case '\\' -> escaped.append("\\\\");
                default -> {
                    if (c < ' ' || c >= 0x7f && c < 0xa0) {
                        escaped.append(String.format("\\x%02x", (int) c));
                    } else {
                        escaped.append(c);
                    }
                }
            }
        }
        return escaped.toString();
    }
}
