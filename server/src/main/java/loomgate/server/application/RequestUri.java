package loomgate.server.application;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// A request's target as a [URI], which takes fewer characters than servers do: `|` and `"` for instance, which
/// browsers send as they are, or a `%` that encodes nothing. The JDK's server answers such a target with 400. Here they
/// are percent-encoded, so that [URI#getPath()] is the path that was asked for.
final class RequestUri {

    // of java.net.URI, which goes by RFC 2396
    private static final String PATH = "-._~!'()*:@&=+$,;/";
    private static final String BEHIND_PATH = PATH + "?[]";

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private RequestUri() {}

    /// @param target an octet a character. In absolute-form (RFC 9112 section 3.2.2) it has a valid authority
    /// @throws IllegalArgumentException if that is not so
    static URI of(String target) {
        int path = pathFrom(target);
        StringBuilder uri = new StringBuilder(target.length() + 16);
        if (target.startsWith("//")) {
            uri.append("//"); // no authority: otherwise the path's first segment would be taken for one
        }
        uri.append(target, 0, path);
        String allowed = PATH;
        boolean hasFragment = false;
        for (int i = path; i < target.length(); i++) {
            char c = target.charAt(i);
            boolean isFragment = c == '#' && !hasFragment;
            hasFragment |= isFragment;
            if (c == '?' || isFragment) {
                allowed = BEHIND_PATH;
            }
            if (isFragment || isAlphanumeric(c) || allowed.indexOf(c) >= 0 || isEncoding(target, i)) {
                uri.append(c);
            } else {
                appendEncoded(uri, c);
            }
        }
        return URI.create(uri.toString());
    }

    /// Where the path begins: behind the authority of absolute-form.
    private static int pathFrom(String target) {
        int scheme = target.startsWith("/") ? -1 : target.indexOf("://");
        int at = scheme < 0 ? 0 : scheme + 3;
        while (scheme >= 0 && at < target.length() && "/?#".indexOf(target.charAt(at)) < 0) {
            at++;
        }
        return at;
    }

    private static boolean isAlphanumeric(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    private static boolean isEncoding(String target, int at) {
        return target.charAt(at) == '%' && at + 2 < target.length()
                && HexFormat.isHexDigit(target.charAt(at + 1)) && HexFormat.isHexDigit(target.charAt(at + 2));
    }

    private static void appendEncoded(StringBuilder uri, char c) {
        for (byte octet : String.valueOf(c)
                .getBytes(c <= 0xff ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8)) {
            uri.append('%').append(HEX.toHexDigits(octet));
        }
    }
}
