package sample;

import java.io.IOException;
import java.io.OutputStream;
import java.util.TreeMap;
import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// Everything that a handler can know about a request.
final class EchoPage implements Handler {

    @Override
    public Response handle(Request request) throws IOException {
        StringBuilder text = new StringBuilder();
        line(text, "method", request.method());
        line(text, "uri", request.uri());
        line(text, "path", request.path());
        line(text, "query", request.query());
        line(text, "protocol", request.protocol());
        line(text, "remote address", request.remoteAddress());
        line(text, "content length", request.contentLength());
        line(text, "body bytes", request.body().transferTo(OutputStream.nullOutputStream()));
        request.headers().forEach((name, value) -> line(text, "header " + name, value));
        new TreeMap<>(request.variables()).forEach((name, value) -> line(text, "variable " + name, value));
        return Response.text(text.toString());
    }

    private static void line(StringBuilder text, String name, Object value) {
        text.append(name).append(": ").append(value).append('\n');
    }
}
