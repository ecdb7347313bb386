package loomgate.server.it.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// Leaves work for the end of its JVM: writes the file `hook` in a shutdown hook, slowly, and has the file `temporary`
/// deleted.
public final class HookedApplication implements Handler {

    private static final long HOOK_MILLIS = 200;

    public HookedApplication() throws IOException {
        Files.createFile(Path.of("temporary"));
        Path.of("temporary").toFile().deleteOnExit();
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            try {
                Thread.sleep(HOOK_MILLIS);
                Files.createFile(Path.of("hook"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }));
    }

    @Override
    public Response handle(Request request) {
        return Response.of(204);
    }
}
