package sample;

import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// A page with a bug: the client gets 500, the log gets the stack trace.
final class FailPage implements Handler {

    @Override
    public Response handle(Request request) {
        throw new IllegalStateException("this page always fails");
    }
}
