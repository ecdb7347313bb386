package loomgate.server.protocol.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import loomgate.api.Headers;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.NameTable;
import loomgate.server.protocol.Peer;
import loomgate.server.protocol.RequestHead;

/// A request's head as it came in, and what was found in it. Strings and maps are made when they are asked for: many
/// applications ask for the method and the path only.
final class HttpHead implements RequestHead {

    private static final NameTable METHODS =
            new NameTable("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private static final String GATEWAY_SECRET = "x-loomgate-secret"; // in lower case

    private static final int NONE = -1;

    private final byte[] bytes;
    private final RequestLine line;
    private final Fields fields;
    private final String method;

    private Peer peer;
    private RequestTarget target;
    private Framing framing;
    private String uri;
    private Headers headers;
    private Map<String, String> variables;

    HttpHead(byte[] bytes, RequestLine line, Fields fields) {
        this.bytes = bytes;
        this.line = line;
        this.fields = fields;
        this.method = METHODS.text(bytes, 0, line.methodTo());
    }

    /// Finds the meaning behind the grammar.
    ///
    /// @throws BadRequest there is none, or more than one
    void understand(Peer from) throws BadRequest {
        peer = from;
        target = RequestTarget.parse(bytes, line.methodTo() + 1, line.targetTo(), method);
        requireHost();
        framing = Framing.of(fields, isHttp10());
    }

    /// RFC 9112 section 3.2: exactly one valid Host, of which HTTP/1.0 knows nothing.
    private void requireHost() throws BadRequest {
        int host = NONE;
        for (int i = 0; i < fields.count(); i++) {
            if (fields.isNamed(i, "host")) {
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
        } else if (!fields.isAuthority(host)) {
            throw new BadRequest(400, "Host is invalid");
        }
    }

    /// Whether the client speaks HTTP/1.0. A higher minor version than 1.1 is spoken to as 1.1 (RFC 9110 section 2.5).
    boolean isHttp10() {
        return bytes[line.to() - 1] == '0';
    }

    Framing framing() {
        return framing;
    }

    Fields fields() {
        return fields;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String uri() {
        if (uri == null) {
            uri = text(line.methodTo() + 1, line.targetTo());
        }
        return uri;
    }

    @Override
    public String path() {
        return target.path().text();
    }

    /// The path as CGI has it, an octet a character.
    String pathOctets() {
        return target.path().octets();
    }

    @Override
    public String query() {
        return text(target.queryFrom(), target.to());
    }

    @Override
    public String protocol() {
        return switch (bytes[line.to() - 1]) {
            case '0' -> "HTTP/1.0";
            case '1' -> "HTTP/1.1";
            default -> text(line.targetTo() + 1, line.to());
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

    /// Of several the last.
    @Override
    public String gatewaySecret() {
        for (int i = fields.count() - 1; i >= 0; i--) {
            if (isWithheld(i)) {
                return fields.value(i);
            }
        }
        return "";
    }

    /// Whether the field is none of the application's business.
    boolean isWithheld(int field) {
        return fields.isNamed(field, GATEWAY_SECRET);
    }

    @Override
    public Headers headers() {
        if (headers == null) {
            String[] namesAndValues = new String[2 * fields.count()];
            int count = 0;
            for (int i = 0; i < fields.count(); i++) {
                if (!isWithheld(i)) {
                    namesAndValues[count++] = fields.name(i);
                    namesAndValues[count++] = value(i);
                }
            }
            headers = Headers.of(Arrays.copyOf(namesAndValues, count));
        }
        return headers;
    }

    /// A field's value; of Host, the authority of an absolute-form target (RFC 9112 section 3.2.2).
    String value(int field) {
        boolean isReplaced = target.authorityFrom() < target.authorityTo() && fields.isNamed(field, "host");
        return isReplaced ? text(target.authorityFrom(), target.authorityTo()) : fields.value(field);
    }

    @Override
    public Map<String, String> variables() {
        if (variables == null) {
            variables = MetaVariables.of(this, peer);
        }
        return variables;
    }

    @Override
    public long contentLength() {
        return framing.length();
    }

    @Override
    public int variableCount() {
        return 2 * fields.count();
    }

    @Override
    public int size() {
        return bytes.length;
    }

    private String text(int from, int to) {
        return from == to ? "" : new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
