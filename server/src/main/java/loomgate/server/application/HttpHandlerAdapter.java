package loomgate.server.application;

import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// Runs a handler that was written for the JDK's own HTTP server (`com.sun.net.httpserver`). What it writes is kept in
/// memory until it returns: an application that streams implements [Handler].
///
/// The rules of [Response] hold here as well. What it refuses is a failure of the handler, except for header fields of
/// the message on the wire, `Connection` for instance, which are dropped: the JDK's server has handlers set them.
record HttpHandlerAdapter(HttpHandler adapted) implements Handler {

    @Override
    public Response handle(Request request) throws IOException {
        try (AdaptedExchange exchange = new AdaptedExchange(request)) {
            adapted.handle(exchange);
            return exchange.response();
        }
    }
}
