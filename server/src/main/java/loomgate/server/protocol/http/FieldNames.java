package loomgate.server.protocol.http;

import java.util.Arrays;
import java.util.Locale;
import loomgate.server.protocol.NameTable;

/// The header fields that browsers and proxies send, in the case of their specifications and, since HTTP/2 clients send
/// them so and nginx passes them on, in lower case; with their variables of RFC 3875 section 4.1.18.
final class FieldNames {

    private static final String[] USUAL = {
        "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control",
        "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Cookie", "DNT", "Date", "Expect",
        "Forwarded", "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since",
        "Keep-Alive", "Origin", "Pragma", "Priority", "Range", "Referer", "Sec-CH-UA", "Sec-CH-UA-Mobile",
        "Sec-CH-UA-Platform", "Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-User", "Sec-GPC", "TE",
        "Transfer-Encoding", "Upgrade-Insecure-Requests", "User-Agent", "Via", "X-Forwarded-For", "X-Forwarded-Host",
        "X-Forwarded-Port", "X-Forwarded-Proto", "X-Real-IP", "X-Request-ID", "X-Requested-With"};

    private static final NameTable TABLE = new NameTable(inBothCases());

    private static final String[] VARIABLES =
            Arrays.stream(inBothCases()).map(FieldNames::derivedVariable).toArray(String[]::new);

    private FieldNames() {}

    static String name(byte[] bytes, int from, int to) {
        return TABLE.text(bytes, from, to);
    }

    /// The variable that stands for the field.
    static String variable(byte[] bytes, int from, int to) {
        int index = TABLE.index(bytes, from, to);
        return index >= 0 ? VARIABLES[index] : derivedVariable(TABLE.text(bytes, from, to));
    }

    /// The two fields that describe the body have variables without `HTTP_` (RFC 3875 sections 4.1.2, 4.1.3).
    private static String derivedVariable(String name) {
        String variable = name.toUpperCase(Locale.ROOT).replace('-', '_');
        return variable.equals("CONTENT_TYPE") || variable.equals("CONTENT_LENGTH") ? variable : "HTTP_" + variable;
    }

    private static String[] inBothCases() {
        String[] names = Arrays.copyOf(USUAL, 2 * USUAL.length);
        for (int i = 0; i < USUAL.length; i++) {
            names[USUAL.length + i] = USUAL[i].toLowerCase(Locale.ROOT);
        }
        return names;
    }
}
