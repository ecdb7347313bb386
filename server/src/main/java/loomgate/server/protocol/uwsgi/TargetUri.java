package loomgate.server.protocol.uwsgi;

/// What the client asked for, from REQUEST_URI, or from the other variables where the gateway does not send it; and the
/// other way round.
final class TargetUri {

    private static final String UNESCAPED = "-._~!$&'()*+,;=:@/"; // of pchar, RFC 3986 section 3.3, and the slash

    private final Variables variables;

    TargetUri(Variables variables) {
        this.variables = variables;
    }

    /// All of it.
    String text() {
        return variables.has(VariableNames.REQUEST_URI) ? variables.text(VariableNames.REQUEST_URI) : derived();
    }

    /// QUERY_STRING, or what REQUEST_URI has behind the question mark.
    String query() {
        if (variables.has(VariableNames.QUERY_STRING) || !variables.has(VariableNames.REQUEST_URI)) {
            return variables.text(VariableNames.QUERY_STRING);
        }
        int to = variables.to(VariableNames.REQUEST_URI);
        return variables.text(Math.min(pathTo() + 1, to), to);
    }

    /// Where the path begins in REQUEST_URI: behind the authority where the target has absolute-form (RFC 9112 section
    /// 3.2.2).
    int pathFrom() {
        byte[] block = variables.block();
        int from = variables.from(VariableNames.REQUEST_URI);
        int to = pathTo();
        if (from == to || block[from] == '/') {
            return from;
        }
        for (int i = from; i + 2 < to; i++) {
            if (block[i] == ':' && block[i + 1] == '/' && block[i + 2] == '/') {
                return indexOf('/', i + 3, to);
            }
        }
        return from;
    }

    /// Where the path ends in REQUEST_URI.
    int pathTo() {
        return indexOf('?', variables.from(VariableNames.REQUEST_URI), variables.to(VariableNames.REQUEST_URI));
    }

    private int indexOf(char wanted, int from, int to) {
        int at = from;
        while (at < to && variables.block()[at] != wanted) {
            at++;
        }
        return at;
    }

    /// What the client may have sent.
    private String derived() {
        StringBuilder derived = new StringBuilder();
        appendEncoded(VariableNames.SCRIPT_NAME, derived);
        appendEncoded(VariableNames.PATH_INFO, derived);
        if (!query().isEmpty()) {
            derived.append('?').append(query());
        }
        return derived.isEmpty() ? "/" : derived.toString();
    }

    private void appendEncoded(int index, StringBuilder to) {
        for (int i = variables.from(index); i < variables.to(index); i++) {
            byte b = variables.block()[i];
            boolean isPlain = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
                    || UNESCAPED.indexOf(b) >= 0;
            if (isPlain) {
                to.append((char) b);
            } else {
                to.append('%').append(Character.forDigit(b >> 4 & 0xf, 16)).append(Character.forDigit(b & 0xf, 16));
            }
        }
    }
}
