package loomgate.server.cli;

import java.io.IOException;
import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// The application of the worker whose run [AotCacheCommand] records.
public final class Rehearsal implements Handler {

    @Override
    public Response handle(Request request) throws IOException {
        request.body().readAllBytes();
        return Response.text("ready\n");
    }
}
