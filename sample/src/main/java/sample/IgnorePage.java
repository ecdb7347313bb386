package sample;

import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// Answers without a look at the body. The server discards what is left unread.
final class IgnorePage implements Handler {

    @Override
    public Response handle(Request request) {
        return Response.text("ignored\n");
    }
}
