package loomgate.server.application;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import loomgate.api.Body;
import loomgate.api.Request;
import loomgate.api.Response;

/// A [Request] and the [Response] to it, as the JDK's HTTP server presents them to its handlers.
final class AdaptedExchange extends HttpExchange implements AutoCloseable {

    /// Fields that describe the message on the wire: the JDK's server lets handlers set them, and ours does not.
    private static final Set<String> OF_THE_SERVER = Set.of("connection", "content-length", "keep-alive",
            "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade");

    private static final int NOT_SENT = -1;

    private final Request request;
    private final Headers requestHeaders = new Headers();
    private final Headers responseHeaders = new Headers();
    private final Map<String, Object> attributes = new HashMap<>();
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private InputStream requestBody;
    private OutputStream responseBody = content;
    private int status = NOT_SENT;

    AdaptedExchange(Request request) {
        this.request = request;
        this.requestBody = request.body();
        request.headers().forEach(requestHeaders::add);
    }

    /// What the handler has answered.
    ///
    /// @throws IllegalStateException if it has not
    Response response() {
        if (status == NOT_SENT) {
            throw new IllegalStateException("the handler returned without a call of sendResponseHeaders");
        }
        boolean hasNoBody = status == 204 || status == 304 || content.size() == 0;
        Response response = new Response(status, loomgate.api.Headers.empty(),
                hasNoBody ? new Body.Empty() : new Body.Bytes(content.toByteArray()));
        for (Map.Entry<String, List<String>> field : responseHeaders.entrySet()) {
            if (!OF_THE_SERVER.contains(field.getKey().toLowerCase(Locale.ROOT))) {
                for (String value : field.getValue()) {
                    response = response.withHeader(field.getKey(), value);
                }
            }
        }
        return response;
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
        return URI.create(request.uri());
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
    public void sendResponseHeaders(int code, long length) {
        if (status != NOT_SENT) {
            throw new IllegalStateException("sendResponseHeaders was called already");
        }
        status = code;
    }

    @Override
    public InetSocketAddress getRemoteAddress() {
        String address = request.remoteAddress();
        return address.isEmpty()
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
                : new InetSocketAddress(InetAddress.ofLiteral(address), port("REMOTE_PORT"));
    }

    @Override
    public int getResponseCode() {
        return status;
    }

    @Override
    public InetSocketAddress getLocalAddress() {
        return InetSocketAddress.createUnresolved(request.variables().getOrDefault("SERVER_NAME", ""), port("SERVER_PORT"));
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
        return port.matches("[0-9]{1,5}") ? Integer.parseInt(port) : 0;
    }
}
