package loomgate.server.it.app;

import java.time.Duration;
import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// Takes its process down shortly after it has begun to serve.
public final class HaltingApplication implements Handler {

    private static final Duration LIFE = Duration.ofMillis(500);

    public HaltingApplication() {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                Thread.sleep(LIFE);
            } catch (InterruptedException _) {
                // then a little earlier
            }
            Runtime.getRuntime().halt(3);
        });
    }

    @Override
    public Response handle(Request request) {
        return Response.of(204);
    }
}
