package sample;

import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// `/slow?ms=500`: a request that takes its time. Blocking is fine, each request has a virtual thread of its own.
final class SlowPage implements Handler {

    private static final long TEN_MINUTES_MS = 600_000;

    /// @throws InterruptedException when the server will wait no longer; nothing to do but to let it escape
    @Override
    public Response handle(Request request) throws BadParameter, InterruptedException {
        long ms = new Parameters(request).number("ms", 500, TEN_MINUTES_MS);
        Thread.sleep(ms);
        return Response.text("slept " + ms + " ms\n");
    }
}
