package loomgate.api.testing;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import loomgate.api.Headers;
import loomgate.api.Request;

/// A request that a test makes up. Each `with…` method gives a new request and leaves this one as it is.
///
/// It has what the test gave it, and what follows from that: [#path()] and [#query()] from the URI, the CGI variables
/// from everything else. It has no header fields of its own.
public final class TestRequest implements Request {

    private final String method;
    private final String uri;
    private Headers headers = Headers.empty();
    private SortedMap<String, String> extraVariables = new TreeMap<>();
    private String remoteAddress = "127.0.0.1";
    private InputStream body = InputStream.nullInputStream();
    private long contentLength;
    private volatile Duration timeLeft; // null: no limit
    private volatile boolean cancelled;

    private TestRequest(String method, String uri) {
        this.method = Objects.requireNonNull(method, "method");
        this.uri = uri;
        if (!uri.startsWith("/")) {
            throw new IllegalArgumentException("the URI does not begin with a slash: " + uri);
        }
    }

    private TestRequest(TestRequest other) {
        this(other.method, other.uri);
        headers = other.headers;
        extraVariables = other.extraVariables;
        remoteAddress = other.remoteAddress;
        body = other.body;
        contentLength = other.contentLength;
        timeLeft = other.timeLeft;
        cancelled = other.cancelled;
    }

    /// A request without a body: `TestRequest.of("DELETE", "/things/7")`.
    ///
    /// @param uri as a client sends it, percent-encoded, the query included
    public static TestRequest of(String method, String uri) {
        return new TestRequest(method, uri);
    }

    /// A GET request: `TestRequest.get("/hello?name=Ada")`.
    public static TestRequest get(String uri) {
        return of("GET", uri);
    }

    /// A POST request with text in UTF-8 as its body.
    public static TestRequest post(String uri, String body) {
        return of("POST", uri).withBody(body);
    }

    /// A POST request with the given bytes as its body.
    public static TestRequest post(String uri, byte[] body) {
        return of("POST", uri).withBody(body);
    }

    /// This request with one more header field.
    public TestRequest withHeader(String name, String value) {
        TestRequest copy = new TestRequest(this);
        copy.headers = headers.with(name, value);
        return copy;
    }

    /// This request with one more gateway variable; it wins over what [#variables()] has by itself, and changes nothing
    /// else.
    public TestRequest withVariable(String name, String value) {
        TestRequest copy = new TestRequest(this);
        copy.extraVariables = new TreeMap<>(extraVariables);
        copy.extraVariables.put(name, value);
        return copy;
    }

    /// This request from another client; the address is `127.0.0.1` if nothing is said.
    public TestRequest withRemoteAddress(String address) {
        TestRequest copy = new TestRequest(this);
        copy.remoteAddress = Objects.requireNonNull(address, "address");
        return copy;
    }

    /// This request with text in UTF-8 as its body.
    public TestRequest withBody(String text) {
        return withBody(text.getBytes(StandardCharsets.UTF_8));
    }

    /// This request with the given bytes as its body.
    public TestRequest withBody(byte[] bytes) {
        return withBody(new ByteArrayInputStream(bytes.clone()), bytes.length);
    }

    /// This request with a body that is read from a stream: one that fails, stalls, or is large.
    ///
    /// @param length what [#contentLength()] says, -1 for a body whose length only its end tells. Not compared with
    ///               what the stream has
    public TestRequest withBody(InputStream stream, long length) {
        if (length < -1) {
            throw new IllegalArgumentException("length is negative: " + length);
        }
        TestRequest copy = new TestRequest(this);
        copy.body = Objects.requireNonNull(stream, "stream");
        copy.contentLength = length;
        return copy;
    }

    /// This request with a limit of time. It stays what it is: nothing counts down, and nothing happens at its end.
    public TestRequest withTimeLeft(Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException("the time left is negative: " + limit);
        }
        TestRequest copy = new TestRequest(this);
        copy.timeLeft = limit;
        return copy;
    }

    /// This request, wanted no longer from the beginning.
    public TestRequest withCancellation() {
        TestRequest copy = new TestRequest(this);
        copy.cancel();
        return copy;
    }

    /// Makes this very request one that is wanted no longer, for a handler that is at work on it. The server would
    /// interrupt the handler's thread as well; here that is up to the test.
    public void cancel() {
        cancelled = true;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String uri() {
        return uri;
    }

    @Override
    public String path() {
        int mark = uri.indexOf('?');
        return decoded(mark < 0 ? uri : uri.substring(0, mark));
    }

    @Override
    public String query() {
        int mark = uri.indexOf('?');
        return mark < 0 ? "" : uri.substring(mark + 1);
    }

    @Override
    public String protocol() {
        return "HTTP/1.1";
    }

    @Override
    public Headers headers() {
        return headers;
    }

    @Override
    public Map<String, String> variables() {
        Map<String, String> variables = new TreeMap<>();
        variables.put("REQUEST_METHOD", method);
        variables.put("REQUEST_URI", uri);
        variables.put("PATH_INFO", new String(path().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
        variables.put("QUERY_STRING", query());
        variables.put("SERVER_PROTOCOL", protocol());
        variables.put("REMOTE_ADDR", remoteAddress);
        variables.put("CONTENT_LENGTH", contentLength > 0 ? Long.toString(contentLength) : "");
        variables.put("CONTENT_TYPE", headers.first("Content-Type").orElse(""));
        headers.forEach((name, value) -> variables.merge(
                "HTTP_" + name.toUpperCase(Locale.ROOT).replace('-', '_'), value, (a, b) -> a + ", " + b));
        variables.putAll(extraVariables);
        return Map.copyOf(variables);
    }

    @Override
    public String remoteAddress() {
        return remoteAddress;
    }

    @Override
    public long contentLength() {
        return contentLength;
    }

    @Override
    public InputStream body() {
        return body;
    }

    @Override
    public Optional<Duration> timeLeft() {
        return Optional.ofNullable(timeLeft);
    }

    /// Grants whatever is asked for.
    @Override
    public Optional<Duration> extendTimeLeft(Duration needed) {
        if (needed.isNegative()) {
            throw new IllegalArgumentException("needed is negative: " + needed);
        }
        if (timeLeft != null && !cancelled && needed.compareTo(timeLeft) > 0) {
            timeLeft = needed;
        }
        return timeLeft();
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    /// Percent-decoding of RFC 3986 section 2.1, the bytes taken as UTF-8. A plus sign is a plus sign in a path.
    private static String decoded(String path) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(path.length());
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) != '%') {
                bytes.writeBytes(path.substring(i, i + 1).getBytes(StandardCharsets.UTF_8));
            } else if (path.length() - i > 2
                    && Character.digit(path.charAt(i + 1), 16) >= 0 && Character.digit(path.charAt(i + 2), 16) >= 0) {
                bytes.write(Integer.parseInt(path, i + 1, i + 3, 16));
                i += 2;
            } else {
                throw new IllegalArgumentException("a percent sign without two hexadecimal digits: " + path);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
