package loomgate.server.protocol.uwsgi;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import loomgate.api.Headers;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.NameTable;
import loomgate.server.protocol.Octets;
import loomgate.server.protocol.Peer;
import loomgate.server.protocol.RequestHead;
import loomgate.server.protocol.RequestPath;

/// The variables of a packet and the request that they describe. Strings and maps are made when they are asked for.
///
/// Whatever the gateway sends, only what the methods of [RequestHead] return is acted upon. In particular
/// `HTTP_TRANSFER_ENCODING`, `HTTP_CONTENT_LENGTH`, `HTTP_EXPECT` and `HTTP_CONNECTION` are about the gateway's other
/// side, where it has dealt with them; and uWSGI's control variables (`UWSGI_FILE` and the like), with which whoever
/// reaches a uWSGI socket can make it load code, are dropped.
final class UwsgiHead implements RequestHead {

    private static final int ABSENT = -1;

    private static final NameTable METHODS =
            new NameTable("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");

    private static final NameTable PROTOCOLS = new NameTable("HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/3.0");

    private static final String UNESCAPED = "-._~!$&'()*+,;=:@/"; // of pchar, RFC 3986 section 3.3, and the slash

    private final byte[] block;
    private final Peer peer;
    private final int[] singles = new int[2 * VariableNames.SINGLE]; // value from, value to
    private int variableCount;
    private int fieldCount;
    private final String method;
    private final RequestPath path;
    private final long contentLength;

    private String uri;
    private String query;
    private Headers headers;
    private Map<String, String> variables;

    /// @param block      the packet's variables
    /// @param stripsPath whether PATH_INFO begins with SCRIPT_NAME (modifier 30)
    UwsgiHead(byte[] block, boolean stripsPath, Peer peer) throws BadRequest {
        this.block = block;
        this.peer = peer;
        Arrays.fill(singles, ABSENT);
        scan();
        if (stripsPath) {
            stripScriptName();
        }
        this.method = requireMethod();
        requireOneLine(VariableNames.REQUEST_URI);
        requireOneLine(VariableNames.QUERY_STRING);
        requireOneLine(VariableNames.SERVER_PROTOCOL);
        requireOneLine(VariableNames.REMOTE_ADDR);
        requireOneLine(VariableNames.REMOTE_USER);
        this.path = requirePath();
        this.contentLength = requireContentLength();
    }

    private void scan() throws BadRequest {
        VariableCursor cursor = new VariableCursor(block);
        while (cursor.next()) {
            variableCount++;
            if (isHeaderField(cursor)) {
                requireFieldName(cursor);
                requireFieldValue(cursor);
                fieldCount++;
            } else {
                note(cursor);
            }
        }
        cursor.requireEnd();
    }

    private static boolean isHeaderField(VariableCursor cursor) {
        return cursor.keyStartsWith("HTTP_");
    }

    private void requireFieldName(VariableCursor cursor) throws BadRequest {
        if (!Octets.isToken(block, cursor.keyFrom() + 5, cursor.keyTo())) {
            throw new BadRequest(400, "a variable of a header field has a name that is no token");
        }
    }

    /// What a header field may not contain it may not contain here either: no gateway would let it pass.
    private void requireFieldValue(VariableCursor cursor) throws BadRequest {
        if (!Octets.isFieldValue(block, cursor.valueFrom(), cursor.valueTo())) {
            throw new BadRequest(400, name(cursor) + " has a control character");
        }
    }

    private void note(VariableCursor cursor) throws BadRequest {
        if (Octets.containsControl(block, cursor.keyFrom(), cursor.keyTo())) {
            throw new BadRequest(400, "the name of a variable has a control character");
        }
        int index = VariableNames.index(block, cursor.keyFrom(), cursor.keyTo());
        if (index < 0 || index >= VariableNames.SINGLE) {
            return;
        }
        if (index == VariableNames.CONTENT_TYPE) {
            requireFieldValue(cursor);
        }
        if (isPresent(index) && !Arrays.equals(block, from(index), to(index),
                block, cursor.valueFrom(), cursor.valueTo())) {
            throw new BadRequest(400, VariableNames.name(index) + " was sent twice, with different values");
        }
        singles[2 * index] = cursor.valueFrom();
        singles[2 * index + 1] = cursor.valueTo();
    }

    /// Modifier 30: the application's path is what follows its own name.
    private void stripScriptName() {
        if (!isPresent(VariableNames.PATH_INFO) || !isPresent(VariableNames.SCRIPT_NAME)) {
            return;
        }
        int rest = from(VariableNames.PATH_INFO) + to(VariableNames.SCRIPT_NAME) - from(VariableNames.SCRIPT_NAME);
        int end = to(VariableNames.PATH_INFO);
        boolean isPrefix = rest <= end && Arrays.equals(block, from(VariableNames.PATH_INFO), rest,
                block, from(VariableNames.SCRIPT_NAME), to(VariableNames.SCRIPT_NAME));
        if (isPrefix && (rest == end || block[rest] == '/')) { // /app is no prefix of /apple
            singles[2 * VariableNames.PATH_INFO] = rest;
        }
    }

    private String requireMethod() throws BadRequest {
        int from = from(VariableNames.REQUEST_METHOD);
        int to = to(VariableNames.REQUEST_METHOD);
        if (!isPresent(VariableNames.REQUEST_METHOD) || from == to) {
            throw new BadRequest(400, "REQUEST_METHOD is missing: does nginx include uwsgi_params?");
        }
        if (!Octets.isToken(block, from, to)) {
            throw new BadRequest(400, "REQUEST_METHOD is no token");
        }
        return METHODS.text(block, from, to);
    }

    /// These go into the log, where a control character could begin a line of its own.
    private void requireOneLine(int index) throws BadRequest {
        if (isPresent(index) && Octets.containsControl(block, from(index), to(index))) {
            throw new BadRequest(400, VariableNames.name(index) + " has a control character");
        }
    }

    private RequestPath requirePath() throws BadRequest {
        if (isPresent(VariableNames.PATH_INFO)) {
            return RequestPath.ofDecoded(block, from(VariableNames.PATH_INFO), to(VariableNames.PATH_INFO));
        }
        if (isPresent(VariableNames.REQUEST_URI)) {
            return RequestPath.ofEncoded(block, uriPathFrom(), uriPathTo());
        }
        throw new BadRequest(400, "both PATH_INFO and REQUEST_URI are missing: does nginx include uwsgi_params?");
    }

    /// Behind the authority where the target has absolute-form (RFC 9112 section 3.2.2).
    private int uriPathFrom() {
        int from = from(VariableNames.REQUEST_URI);
        int to = uriPathTo();
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

    private int uriPathTo() {
        return indexOf('?', from(VariableNames.REQUEST_URI), to(VariableNames.REQUEST_URI));
    }

    private int indexOf(char wanted, int from, int to) {
        int at = from;
        while (at < to && block[at] != wanted) {
            at++;
        }
        return at;
    }

    /// nginx sends an empty value for a request without a body.
    private long requireContentLength() throws BadRequest {
        int from = from(VariableNames.CONTENT_LENGTH);
        int to = to(VariableNames.CONTENT_LENGTH);
        if (from == to) {
            return 0;
        }
        long length = Octets.decimal(block, from, to);
        if (length < 0) {
            throw new BadRequest(400, "CONTENT_LENGTH is no number, or too large");
        }
        return length;
    }

    private boolean isPresent(int index) {
        return from(index) != ABSENT;
    }

    private int from(int index) {
        return singles[2 * index];
    }

    private int to(int index) {
        return singles[2 * index + 1];
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String uri() {
        if (uri == null) {
            uri = isPresent(VariableNames.REQUEST_URI) ? text(VariableNames.REQUEST_URI) : derivedUri();
        }
        return uri;
    }

    /// What the client may have sent, from a gateway that does not tell.
    private String derivedUri() {
        StringBuilder derived = new StringBuilder();
        appendEncoded(VariableNames.SCRIPT_NAME, derived);
        appendEncoded(VariableNames.PATH_INFO, derived);
        if (!query().isEmpty()) {
            derived.append('?').append(query());
        }
        return derived.isEmpty() ? "/" : derived.toString();
    }

    private void appendEncoded(int index, StringBuilder to) {
        for (int i = from(index); i < to(index); i++) {
            byte b = block[i];
            boolean isPlain = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
                    || UNESCAPED.indexOf(b) >= 0;
            if (isPlain) {
                to.append((char) b);
            } else {
                to.append('%').append(Character.forDigit(b >> 4 & 0xf, 16)).append(Character.forDigit(b & 0xf, 16));
            }
        }
    }

    @Override
    public String path() {
        return path.text();
    }

    @Override
    public String query() {
        if (query == null) {
            if (isPresent(VariableNames.QUERY_STRING) || !isPresent(VariableNames.REQUEST_URI)) {
                query = text(VariableNames.QUERY_STRING);
            } else {
                int to = to(VariableNames.REQUEST_URI);
                query = text(Math.min(uriPathTo() + 1, to), to);
            }
        }
        return query;
    }

    /// `HTTP/1.0` where the gateway does not tell, as uWSGI assumes.
    @Override
    public String protocol() {
        int from = from(VariableNames.SERVER_PROTOCOL);
        int to = to(VariableNames.SERVER_PROTOCOL);
        return from == to ? "HTTP/1.0" : PROTOCOLS.text(block, from, to);
    }

    @Override
    public String remoteAddress() {
        return isPresent(VariableNames.REMOTE_ADDR) ? text(VariableNames.REMOTE_ADDR) : peer.address();
    }

    @Override
    public String remoteUser() {
        return text(VariableNames.REMOTE_USER);
    }

    /// The client's fields. `Content-Type` and `Content-Length` are those of the body that the gateway passes on, and
    /// there is no `Transfer-Encoding`: the gateway has undone it (RFC 9110 section 7.6.1).
    @Override
    public Headers headers() {
        if (headers == null) {
            List<String> namesAndValues = new ArrayList<>(2 * fieldCount + 4);
            addField("Content-Type", VariableNames.CONTENT_TYPE, namesAndValues);
            addField("Content-Length", VariableNames.CONTENT_LENGTH, namesAndValues);
            VariableCursor cursor = new VariableCursor(block);
            while (cursor.next()) {
                if (isHeaderField(cursor)) {
                    String name = VariableNames.field(block, cursor.keyFrom(), cursor.keyTo());
                    if (!isOfTheMessage(name)) {
                        namesAndValues.add(name);
                        namesAndValues.add(text(cursor.valueFrom(), cursor.valueTo()));
                    }
                }
            }
            headers = Headers.of(namesAndValues.toArray(String[]::new));
        }
        return headers;
    }

    private void addField(String name, int index, List<String> namesAndValues) {
        if (from(index) < to(index)) {
            namesAndValues.add(name);
            namesAndValues.add(text(index));
        }
    }

    private static boolean isOfTheMessage(String field) {
        return field.equals("Content-Type") || field.equals("Content-Length") || field.equals("Transfer-Encoding");
    }

    @Override
    public Map<String, String> variables() {
        if (variables == null) {
            Map<String, String> derived = HashMap.newHashMap(variableCount);
            VariableCursor cursor = new VariableCursor(block);
            while (cursor.next()) {
                addVariable(cursor, derived);
            }
            if (isPresent(VariableNames.PATH_INFO)) {
                derived.put("PATH_INFO", text(VariableNames.PATH_INFO)); // may have been stripped
            }
            variables = Collections.unmodifiableMap(derived);
        }
        return variables;
    }

    /// Repeats of a header field are one list (RFC 9110 section 5.3), those of Cookie have a separator of their own
    /// (RFC 6265 section 5.4); of anything else the last counts.
    private void addVariable(VariableCursor cursor, Map<String, String> derived) {
        String name = name(cursor);
        if (isWithheld(name)) {
            return;
        }
        String value = text(cursor.valueFrom(), cursor.valueTo());
        if (isHeaderField(cursor)) {
            String separator = name.equals("HTTP_COOKIE") ? "; " : ", ";
            derived.merge(name, value, (first, next) -> first + separator + next);
        } else {
            derived.put(name, value);
        }
    }

    /// uWSGI's control variables, and the one that programs take for their own environment (CVE-2016-5385).
    private static boolean isWithheld(String name) {
        return name.startsWith("UWSGI_") && !name.equals("UWSGI_SCHEME") || name.equals("HTTP_PROXY");
    }

    @Override
    public long contentLength() {
        return contentLength;
    }

    @Override
    public int variableCount() {
        return 2 * variableCount;
    }

    @Override
    public int size() {
        return block.length;
    }

    private String name(VariableCursor cursor) {
        return VariableNames.name(block, cursor.keyFrom(), cursor.keyTo());
    }

    private String text(int index) {
        return isPresent(index) ? text(from(index), to(index)) : "";
    }

    private String text(int from, int to) {
        return from == to ? "" : new String(block, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
