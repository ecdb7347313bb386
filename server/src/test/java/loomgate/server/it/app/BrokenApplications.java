package loomgate.server.it.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    /// Ends the JVM.
    public static final class Exiting implements Handler {

        public Exiting() {
            System.exit(0);
        }

        @Override
        public Response handle(Request request) {
            return Response.of(204);
        }
    }

    /// Ends the JVM when it is told to close.
    public static final class ExitingWhenClosed implements Handler, AutoCloseable {

        @Override
        public Response handle(Request request) {
            return Response.of(204);
        }

        @Override
        public void close() {
            System.exit(0);
        }
    }

    /// Is fine at first, and whenever it has just failed.
    public static final class EveryOtherTime implements Handler {

        private static final Path FAILS_NEXT = Path.of("fails-next");

        public EveryOtherTime() throws IOException {
            if (Files.deleteIfExists(FAILS_NEXT)) {
                throw new IllegalStateException("not this time");
            }
            Files.createFile(FAILS_NEXT);
        }

        @Override
        public Response handle(Request request) {
            return Response.text("fine\n");
        }
    }
}
