package loomgate.server.protocol.uwsgi;

import java.util.Map;
import loomgate.api.Headers;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.NameTable;
import loomgate.server.protocol.Octets;
import loomgate.server.protocol.Peer;
import loomgate.server.protocol.RequestHead;
import loomgate.server.protocol.RequestPath;

/// The request that the variables of a packet describe. Strings and maps are made when they are asked for.
///
/// Whatever the gateway sends, only what the methods of [RequestHead] return is acted upon. In particular
/// `HTTP_TRANSFER_ENCODING`, `HTTP_CONTENT_LENGTH`, `HTTP_EXPECT` and `HTTP_CONNECTION` are about the gateway's other
/// side, where it has dealt with them; and uWSGI's control variables (`UWSGI_FILE` and the like), with which whoever
/// reaches a uWSGI socket can make it load code, are dropped.
final class UwsgiHead implements RequestHead {

    private static final NameTable METHODS =
            new NameTable("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");

    private static final NameTable PROTOCOLS = new NameTable("HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/3.0");

    private final Variables sent;
    private final TargetUri target;
    private final Peer peer;
    private final String method;
    private final RequestPath path;
    private final long contentLength;

    private String uri;
    private String query;
    private Headers headers;
    private Map<String, String> variables;

    /// @throws BadRequest they describe none, or more than one
    UwsgiHead(Variables sent, Peer peer) throws BadRequest {
        this.sent = sent;
        this.target = new TargetUri(sent);
        this.peer = peer;
        this.method = requireMethod();
        sent.requireOneLine(VariableNames.REQUEST_URI);
        sent.requireOneLine(VariableNames.QUERY_STRING);
        sent.requireOneLine(VariableNames.SERVER_PROTOCOL);
        sent.requireOneLine(VariableNames.REMOTE_ADDR);
        sent.requireOneLine(VariableNames.REMOTE_USER);
        sent.requireFieldValue(VariableNames.CONTENT_TYPE);
        sent.requireAuthority(VariableNames.HTTP_HOST);
        this.path = requirePath();
        this.contentLength = requireContentLength();
    }

    private String requireMethod() throws BadRequest {
        if (!sent.hasValue(VariableNames.REQUEST_METHOD)) {
            throw new BadRequest(400, "REQUEST_METHOD is missing: does nginx include uwsgi_params?");
        }
        int from = sent.from(VariableNames.REQUEST_METHOD);
        int to = sent.to(VariableNames.REQUEST_METHOD);
        if (!Octets.isToken(sent.block(), from, to)) {
            throw new BadRequest(400, "REQUEST_METHOD is no token");
        }
        String name = METHODS.text(sent.block(), from, to);
        return switch (name) {
            case "CONNECT" -> throw new BadRequest(501, "CONNECT is for proxies, and this is none");
            case "TRACE" -> throw new BadRequest(501,
                    "TRACE is not answered: it would show what the gateway has added");
            default -> name;
        };
    }

    private RequestPath requirePath() throws BadRequest {
        if (sent.has(VariableNames.PATH_INFO)) {
            return RequestPath.ofDecoded(
                    sent.block(), sent.from(VariableNames.PATH_INFO), sent.to(VariableNames.PATH_INFO));
        }
        if (sent.has(VariableNames.REQUEST_URI)) {
            return RequestPath.ofEncoded(sent.block(), target.pathFrom(), target.pathTo());
        }
        throw new BadRequest(400, "both PATH_INFO and REQUEST_URI are missing: does nginx include uwsgi_params?");
    }

    /// nginx sends an empty value for a request without a body.
    private long requireContentLength() throws BadRequest {
        if (!sent.hasValue(VariableNames.CONTENT_LENGTH)) {
            return 0;
        }
        int from = sent.from(VariableNames.CONTENT_LENGTH);
        int to = sent.to(VariableNames.CONTENT_LENGTH);
        long length = Octets.decimal(sent.block(), from, to);
        if (length < 0) {
            throw Octets.isDigits(sent.block(), from, to)
                    ? new BadRequest(413, "CONTENT_LENGTH is more than " + Long.MAX_VALUE)
                    : new BadRequest(400, "CONTENT_LENGTH is no number");
        }
        return length;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String uri() {
        if (uri == null) {
            uri = target.text();
        }
        return uri;
    }

    @Override
    public String path() {
        return path.text();
    }

    @Override
    public String query() {
        if (query == null) {
            query = target.query();
        }
        return query;
    }

    /// `HTTP/1.0` where the gateway does not tell, as uWSGI assumes.
    @Override
    public String protocol() {
        return !sent.hasValue(VariableNames.SERVER_PROTOCOL) ? "HTTP/1.0" : PROTOCOLS.text(
                sent.block(), sent.from(VariableNames.SERVER_PROTOCOL), sent.to(VariableNames.SERVER_PROTOCOL));
    }

    @Override
    public String remoteAddress() {
        return sent.has(VariableNames.REMOTE_ADDR) ? sent.text(VariableNames.REMOTE_ADDR) : peer.address();
    }

    @Override
    public String remoteUser() {
        return sent.text(VariableNames.REMOTE_USER);
    }

    @Override
    public String gatewaySecret() {
        return sent.text(VariableNames.LOOMGATE_SECRET);
    }

    @Override
    public Headers headers() {
        if (headers == null) {
            headers = ShownVariables.headers(sent);
        }
        return headers;
    }

    @Override
    public Map<String, String> variables() {
        if (variables == null) {
            variables = ShownVariables.map(sent);
        }
        return variables;
    }

    @Override
    public long contentLength() {
        return contentLength;
    }

    @Override
    public int variableCount() {
        return 2 * sent.count();
    }

    @Override
    public int size() {
        return sent.block().length;
    }
}
