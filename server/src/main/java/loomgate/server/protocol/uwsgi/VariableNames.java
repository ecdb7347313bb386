package loomgate.server.protocol.uwsgi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import loomgate.server.protocol.NameTable;

/// The variables that web servers send (RFC 3875 section 4.1, nginx's `uwsgi_params`), and the header fields behind
/// those that begin with `HTTP_`.
final class VariableNames {

    // Positions of the variables that the server looks at.
    static final int REQUEST_METHOD = 0;
    static final int REQUEST_URI = 1;
    static final int PATH_INFO = 2;
    static final int QUERY_STRING = 3;
    static final int SERVER_PROTOCOL = 4;
    static final int CONTENT_LENGTH = 5;
    static final int REMOTE_ADDR = 6;
    static final int REMOTE_USER = 7;
    static final int SCRIPT_NAME = 8;
    static final int CONTENT_TYPE = 9;
    static final int HTTP_HOST = 10;
    static final int LOOMGATE_SECRET = 11;
    /// Number of the variables of which there is one: those above, and some that only the application looks at.
    static final int SINGLE = 17;

    private static final String[] NAMES = {
        "REQUEST_METHOD", "REQUEST_URI", "PATH_INFO", "QUERY_STRING", "SERVER_PROTOCOL", "CONTENT_LENGTH",
        "REMOTE_ADDR", "REMOTE_USER", "SCRIPT_NAME", "CONTENT_TYPE", "HTTP_HOST",
        "LOOMGATE_SECRET",
        "HTTPS", "REMOTE_PORT", "REQUEST_SCHEME", "SERVER_NAME", "SERVER_PORT",
        "DOCUMENT_ROOT", "DOCUMENT_URI", "GATEWAY_INTERFACE", "SCRIPT_FILENAME", "SERVER_ADDR", "SERVER_SOFTWARE",
        "UWSGI_SCHEME",
        "HTTP_ACCEPT", "HTTP_ACCEPT_CHARSET", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT_LANGUAGE", "HTTP_AUTHORIZATION",
        "HTTP_CACHE_CONTROL", "HTTP_CONNECTION", "HTTP_CONTENT_ENCODING", "HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE",
        "HTTP_COOKIE", "HTTP_DNT", "HTTP_EXPECT", "HTTP_FORWARDED", "HTTP_IF_MATCH",
        "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_NONE_MATCH", "HTTP_IF_RANGE", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_KEEP_ALIVE",
        "HTTP_ORIGIN", "HTTP_PRAGMA", "HTTP_PRIORITY", "HTTP_RANGE", "HTTP_REFERER", "HTTP_SEC_CH_UA",
        "HTTP_SEC_CH_UA_MOBILE", "HTTP_SEC_CH_UA_PLATFORM", "HTTP_SEC_FETCH_DEST", "HTTP_SEC_FETCH_MODE",
        "HTTP_SEC_FETCH_SITE", "HTTP_SEC_FETCH_USER", "HTTP_TE", "HTTP_TRANSFER_ENCODING",
        "HTTP_UPGRADE_INSECURE_REQUESTS", "HTTP_USER_AGENT", "HTTP_VIA", "HTTP_X_FORWARDED_FOR",
        "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP",
        "HTTP_X_REQUEST_ID", "HTTP_X_REQUESTED_WITH"};

    private static final NameTable TABLE = new NameTable(NAMES);

    private static final String[] FIELDS = Arrays.stream(NAMES)
            .map(name -> name.startsWith("HTTP_")
                    ? fieldName(name.getBytes(StandardCharsets.US_ASCII), 5, name.length())
                    : "")
            .toArray(String[]::new);

    private VariableNames() {}

    /// The position of a variable, -1 if it is unusual.
    static int index(byte[] bytes, int from, int to) {
        return TABLE.index(bytes, from, to);
    }

    /// The name of a variable.
    static String name(byte[] bytes, int from, int to) {
        return TABLE.text(bytes, from, to);
    }

    static String name(int index) {
        return TABLE.name(index);
    }

    /// The name of the header field behind a variable that begins with `HTTP_`.
    static String field(byte[] bytes, int from, int to) {
        int index = TABLE.index(bytes, from, to);
        return index >= 0 ? FIELDS[index] : fieldName(bytes, from + 5, to);
    }

    /// `X_FORWARDED_FOR` → `X-Forwarded-For`: the gateway has not told the case that the client used.
    private static String fieldName(byte[] bytes, int from, int to) {
        byte[] name = Arrays.copyOfRange(bytes, from, to);
        boolean beginsWord = true;
        for (int i = 0; i < name.length; i++) {
            if (name[i] == '_') {
                name[i] = '-';
            } else if (!beginsWord && name[i] >= 'A' && name[i] <= 'Z') {
                name[i] += 32;
            }
            beginsWord = name[i] == '-';
        }
        return new String(name, StandardCharsets.ISO_8859_1);
    }
}
