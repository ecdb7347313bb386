package loomgate.server.it.app;

import java.util.concurrent.CountDownLatch;
import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// Applications that cannot be loaded, and some that can by other ways than a constructor.
public final class BrokenApplications {

    public static final Handler FIELD = _ -> Response.text("field\n");

    private BrokenApplications() {}

    public static Handler method() {
        return _ -> Response.text("method\n");
    }

    public static final class Throwing implements Handler {

        public Throwing() {
            throw new IllegalStateException("no connection to the database",
                    new java.net.ConnectException("db.example.org refused"));
        }

        @Override
        public Response handle(Request request) {
            return Response.of(204);
        }
    }

    /// Never gets ready.
    public static final class Endless implements Handler {

        public Endless() throws InterruptedException {
            System.out.println("loading for ever");
            new CountDownLatch(1).await();
        }

        @Override
        public Response handle(Request request) {
            return Response.of(204);
        }
    }
}
