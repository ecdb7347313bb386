package loomgate.server.application;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import loomgate.api.Body;
import loomgate.api.Request;
import loomgate.api.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A [Request] and the [Response] to it, as the JDK's HTTP server presents them to its handlers.
final class AdaptedExchange extends HttpExchange implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AdaptedExchange.class);

    /// Fields of the server that the log has named. The length is not among them: `sendResponseHeaders` has told it.
    private static final Set<String> NAMED = ConcurrentHashMap.newKeySet();

    private static final int NOT_SENT = -1;
    private static final int LARGEST_PORT = 65535;

    // in place of a length, as sendResponseHeaders defines it
    private static final long NO_BODY = -1;
    private static final long ANY_LENGTH = 0;

    private final Request request;
    private final Headers requestHeaders = new Headers();
    private final Headers responseHeaders = new Headers();
    private final Map<String, Object> attributes = new HashMap<>();
    private final KeptBody content = new KeptBody();
    private InputStream requestBody;
    private OutputStream responseBody = content;
    private int status = NOT_SENT;
    private long length; // as sendResponseHeaders has it

    AdaptedExchange(Request request) {
        this.request = request;
        this.requestBody = request.body();
        request.headers().forEach(requestHeaders::add);
    }

    /// What the handler has answered.
    ///
    /// @throws IllegalStateException if it has not
    /// @throws IOException           if its body has another length than it has announced
    Response response() throws IOException {
        if (status == NOT_SENT) {
            throw new IllegalStateException("the handler returned without a call of sendResponseHeaders");
        }
        Response response = new Response(status, loomgate.api.Headers.empty(), body());
        for (Map.Entry<String, List<String>> field : responseHeaders.entrySet()) {
            if (isOfTheServer(field.getKey())) {
                continue;
            }
            for (String value : field.getValue()) {
                response = response.withHeader(field.getKey(), value);
            }
        }
        return response;
    }

    /// Whether it describes the message on the wire: [Response] refuses it, whatever its value. The JDK's server lets
    /// handlers set it, so here it is dropped.
    private static boolean isOfTheServer(String name) {
        loomgate.api.Headers field = loomgate.api.Headers.of(name, "");
        try {
            new Response(200, field, new Body.Empty());
            return false;
        } catch (IllegalArgumentException _) {
            nameOnce(name);
            return true;
        }
    }

    private static void nameOnce(String name) {
        String lowerCase = name.toLowerCase(Locale.ROOT);
        if (!lowerCase.equals("content-length") && NAMED.add(lowerCase)) {
            LOG.warn("the application sets the header {}, which is the server's: it is dropped, now and later", name);
        }
    }

    private Body body() throws IOException {
        if (isHead()) {
            long announced = announcedToHead();
            return announced > 0 && mayHaveBody() ? new Body.Stream(announced, _ -> {}) : new Body.Empty();
        }
        byte[] bytes = content.written();
        return bytes.length == 0 ? new Body.Empty() : new Body.Bytes(bytes);
    }

    /// RFC 9110 sections 6.4.1 and 15.3.6, as [Response] has it.
    private boolean mayHaveBody() {
        return status != 204 && status != 205 && status != 304;
    }

    private boolean isHead() {
        return request.method().equals("HEAD");
    }

    /// The JDK's server wants handlers to tell the length of what GET would have by the field.
    private long announcedToHead() {
        String field = responseHeaders.getFirst("Content-Length");
        return length > 0 || field == null || !field.matches("[0-9]{1,18}") ? length : Long.parseLong(field);
    }

    @Override
    public Headers getRequestHeaders() {
        return requestHeaders;
    }

    @Override
    public Headers getResponseHeaders() {
        return responseHeaders;
    }

    @Override
    public URI getRequestURI() {
        return RequestUri.of(request.uri());
    }

    @Override
    public String getRequestMethod() {
        return request.method();
    }

    /// There is no context: the handler is the whole application.
    @Override
    public HttpContext getHttpContext() {
        throw new UnsupportedOperationException("Loomgate has no HttpContext");
    }

    @Override
    public void close() {}

    @Override
    public InputStream getRequestBody() {
        return requestBody;
    }

    @Override
    public OutputStream getResponseBody() {
        return responseBody;
    }

    @Override
    public void sendResponseHeaders(int code, long bodyLength) throws IOException {
        if (status != NOT_SENT) {
            throw new IOException("sendResponseHeaders was called already");
        }
        status = code;
        length = code == 204 || code == 304 ? NO_BODY : bodyLength; // so does the JDK's server
    }

    /// Who comes over a unix socket, to us or to nginx, which calls that `unix:`, has no address and is on this
    /// machine.
    @Override
    public InetSocketAddress getRemoteAddress() {
        try {
            return new InetSocketAddress(InetAddress.ofLiteral(request.remoteAddress()), port("REMOTE_PORT"));
        } catch (IllegalArgumentException _) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        }
    }

    @Override
    public int getResponseCode() {
        return status;
    }

    @Override
    public InetSocketAddress getLocalAddress() {
        return InetSocketAddress.createUnresolved(
                request.variables().getOrDefault("SERVER_NAME", ""), port("SERVER_PORT"));
    }

    @Override
    public String getProtocol() {
        return request.protocol();
    }

    @Override
    public Object getAttribute(String name) {
        return attributes.get(name);
    }

    @Override
    public void setAttribute(String name, Object value) {
        attributes.put(name, value);
    }

    @Override
    public void setStreams(InputStream input, OutputStream output) {
        if (input != null) {
            requestBody = input;
        }
        if (output != null) {
            responseBody = output;
        }
    }

    /// Nobody has been authenticated by us.
    @Override
    public HttpPrincipal getPrincipal() {
        return null;
    }

    private int port(String variable) {
        String port = request.variables().getOrDefault(variable, "");
        int number = port.matches("[0-9]{1,5}") ? Integer.parseInt(port) : 0;
        return number <= LARGEST_PORT ? number : 0;
    }

    /// What the handler writes, up to the length that it has announced. To HEAD nothing of it is sent, so nothing of it
    /// is kept.
    private final class KeptBody extends OutputStream {

        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private long count; // bytes written, or that the handler wanted to write

        @Override
        public void write(int b) throws IOException {
            admit(1);
            if (!isHead()) {
                kept.write(b);
            }
        }

        @Override
        public void write(byte[] bytes, int offset, int size) throws IOException {
            Objects.checkFromIndexSize(offset, size, bytes.length);
            admit(size);
            if (!isHead()) {
                kept.write(bytes, offset, size);
            }
        }

        private void admit(int more) throws IOException {
            if (status == NOT_SENT) {
                throw new IOException("the body comes before its head: sendResponseHeaders was not called yet");
            }
            count += more;
            if (!isHead() && length != ANY_LENGTH && count > announced()) {
                throw mismatch();
            }
        }

        private long announced() {
            return length == NO_BODY ? 0 : length;
        }

        /// All of it, once the handler has returned.
        byte[] written() throws IOException {
            if (length != ANY_LENGTH && count != announced()) {
                throw mismatch();
            }
            return kept.toByteArray();
        }

        private IOException mismatch() {
            return new IOException("the body was announced with " + announced() + " bytes, its handler wrote " + count);
        }
    }
}
