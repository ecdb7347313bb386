package sample;

import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// What there is to try.
final class IndexPage implements Handler {

    private static final String PAGES = """
            /hello?name=Ada       a greeting
            /echo                 everything the server knows about the request
            /slow?ms=500          sleeps before it answers
            /stream?lines=10      line by line while they are made; &ms=200 pauses after each
            /upload               POST a body: its length and its SHA-256
            /large?bytes=1000000  that many bytes
            /ignore               answers without reading the body
            /fail                 throws: the client gets 500
            /who                  the worker that answers
            """;

    @Override
    public Response handle(Request request) {
        return Response.text(PAGES);
    }
}
