package sample;

import java.nio.charset.StandardCharsets;
import loomgate.api.Body;
import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// `/stream?lines=10&ms=200`: a body that is sent while it is made. Its length is not known before.
final class StreamPage implements Handler {

    private static final long MOST_LINES = 1_000_000;
    private static final long TEN_SECONDS_MS = 10_000;

    @Override
    public Response handle(Request request) throws BadParameter {
        Parameters parameters = new Parameters(request);
        long lines = parameters.number("lines", 10, MOST_LINES);
        long pauseMs = parameters.number("ms", 0, TEN_SECONDS_MS);
        return Response.stream("text/plain; charset=utf-8", writer(lines, pauseMs))
                .withHeader("X-Accel-Buffering", "no"); // nginx passes on what it gets instead of collecting it
    }

    private static Body.Writer writer(long lines, long pauseMs) {
        return out -> {
            for (long line = 1; line <= lines; line++) {
                out.write(("line " + line + "\n").getBytes(StandardCharsets.UTF_8));
                out.flush(); // sends it now
                Thread.sleep(pauseMs);
            }
        };
    }
}
