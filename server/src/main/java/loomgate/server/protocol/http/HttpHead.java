package loomgate.server.protocol.http;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import loomgate.api.Headers;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.NameTable;
import loomgate.server.protocol.Octets;
import loomgate.server.protocol.Peer;
import loomgate.server.protocol.RequestHead;

/// A request's head as it came in, and what was found in it. Strings and maps are made when they are asked for: many
/// applications ask for the method and the path only.
final class HttpHead implements RequestHead {

    private static final NameTable METHODS =
            new NameTable("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");

    private static final int NONE = -1;

    private final byte[] bytes;
    private final int targetFrom;
    private final int targetTo;
    private final int lineTo; // end of the request line
    private final int[] fields; // for each: name from, name to, value from, value to
    private final int fieldCount;
    private final String method;

    private Peer peer;
    private RequestTarget target;
    private Framing framing;
    private String uri;
    private Headers headers;
    private Map<String, String> variables;

    HttpHead(byte[] bytes, int methodTo, int targetTo, int lineTo, int[] fields, int fieldCount) {
        this.bytes = bytes;
        this.method = METHODS.text(bytes, 0, methodTo);
        this.targetFrom = methodTo + 1;
        this.targetTo = targetTo;
        this.lineTo = lineTo;
        this.fields = fields;
        this.fieldCount = fieldCount;
    }

    /// Finds the meaning behind the grammar.
    ///
    /// @throws BadRequest there is none, or more than one
    void understand(Peer from) throws BadRequest {
        peer = from;
        target = RequestTarget.parse(bytes, targetFrom, targetTo, method);
        requireHost();
        framing = Framing.of(this);
    }

    /// RFC 9112 section 3.2: exactly one valid Host, of which HTTP/1.0 knows nothing.
    private void requireHost() throws BadRequest {
        int host = NONE;
        for (int i = 0; i < fieldCount; i++) {
            if (isNamed(i, "host")) {
                if (host != NONE) {
                    throw new BadRequest(400, "more than one Host");
                }
                host = i;
            }
        }
        if (host == NONE) {
            if (!isHttp10()) {
                throw new BadRequest(400, "Host is missing");
            }
        } else if (!RequestTarget.isHost(bytes, valueFrom(host), valueTo(host))) {
            throw new BadRequest(400, "Host is invalid");
        }
    }

    byte[] bytes() {
        return bytes;
    }

    /// Whether the client speaks HTTP/1.0. A higher minor version than 1.1 is spoken to as 1.1 (RFC 9110 section 2.5).
    boolean isHttp10() {
        return bytes[lineTo - 1] == '0';
    }

    Framing framing() {
        return framing;
    }

    int fieldCount() {
        return fieldCount;
    }

    int nameLength(int field) {
        return fields[4 * field + 1] - fields[4 * field];
    }

    boolean isNamed(int field, String lowerCase) {
        return Octets.equalsIgnoreCase(bytes, fields[4 * field], fields[4 * field + 1], lowerCase);
    }

    int valueFrom(int field) {
        return fields[4 * field + 2];
    }

    int valueTo(int field) {
        return fields[4 * field + 3];
    }

    ListMembers members(int field) {
        return new ListMembers(bytes, valueFrom(field), valueTo(field));
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String uri() {
        if (uri == null) {
            uri = text(targetFrom, targetTo);
        }
        return uri;
    }

    @Override
    public String path() {
        return target.path().text();
    }

    @Override
    public String query() {
        return text(target.queryFrom(), target.to());
    }

    @Override
    public String protocol() {
        return switch (bytes[lineTo - 1]) {
            case '0' -> "HTTP/1.0";
            case '1' -> "HTTP/1.1";
            default -> text(targetTo + 1, lineTo);
        };
    }

    @Override
    public String remoteAddress() {
        return peer.address();
    }

    @Override
    public String remoteUser() {
        return "";
    }

    @Override
    public Headers headers() {
        if (headers == null) {
            String[] namesAndValues = new String[2 * fieldCount];
            for (int i = 0; i < fieldCount; i++) {
                namesAndValues[2 * i] = FieldNames.name(bytes, fields[4 * i], fields[4 * i + 1]);
                namesAndValues[2 * i + 1] = value(i);
            }
            headers = Headers.of(namesAndValues);
        }
        return headers;
    }

    /// A field's value; of Host, the authority of an absolute-form target (RFC 9112 section 3.2.2).
    private String value(int field) {
        boolean isReplaced = target.authorityFrom() < target.authorityTo() && isNamed(field, "host");
        return isReplaced ? text(target.authorityFrom(), target.authorityTo())
                : text(valueFrom(field), valueTo(field));
    }

    /// The meta-variables of RFC 3875 section 4.1, as uWSGI makes them from HTTP.
    @Override
    public Map<String, String> variables() {
        if (variables == null) {
            Map<String, String> derived = HashMap.newHashMap(fieldCount + 12);
            derived.put("REQUEST_METHOD", method);
            derived.put("REQUEST_URI", uri());
            derived.put("PATH_INFO", target.path().octets());
            derived.put("QUERY_STRING", query());
            derived.put("SERVER_PROTOCOL", protocol());
            derived.put("SCRIPT_NAME", "");
            derived.put("SERVER_NAME", peer.serverName());
            derived.put("SERVER_PORT", peer.serverPort() == 0 ? "80" : Integer.toString(peer.serverPort())); // as uWSGI
            derived.put("REMOTE_ADDR", peer.address());
            if (peer.port() != 0) {
                derived.put("REMOTE_PORT", Integer.toString(peer.port()));
            }
            derived.put("REQUEST_SCHEME", "http");
            for (int i = 0; i < fieldCount; i++) {
                deriveVariable(i, derived);
            }
            variables = Collections.unmodifiableMap(derived);
        }
        return variables;
    }

    /// `Proxy` has no variable: programs take `HTTP_PROXY` for their own environment (CVE-2016-5385). Nor has a name
    /// with an underscore, which could pass for the variable of another field.
    private void deriveVariable(int field, Map<String, String> derived) {
        int from = fields[4 * field];
        int to = fields[4 * field + 1];
        if (isNamed(field, "proxy")) {
            return;
        }
        for (int i = from; i < to; i++) {
            if (bytes[i] == '_') {
                return;
            }
        }
        String variable = FieldNames.variable(bytes, from, to);
        String separator = variable.equals("HTTP_COOKIE") ? "; " : ", "; // RFC 9110 section 5.3, RFC 6265 section 5.4
        boolean isSingle = variable.equals("CONTENT_LENGTH"); // repeats are equal
        derived.merge(variable, value(field), (first, next) -> isSingle ? first : first + separator + next);
    }

    @Override
    public long contentLength() {
        return framing.length();
    }

    @Override
    public int variableCount() {
        return 2 * fieldCount;
    }

    @Override
    public int size() {
        return bytes.length;
    }

    private String text(int from, int to) {
        return from == to ? "" : new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
