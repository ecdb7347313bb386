package loomgate.server.it.app;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Shows what its process looks like from the inside. The logger is the application's own slf4j.
public final class ProbeApplication implements Handler {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    @Override
    public Response handle(Request request) throws Exception {
        return switch (request.path()) {
            case "/descriptors" -> Response.text(descriptors());
            case "/child" -> Response.text(output("/bin/ls", "-l", "/proc/self/fd"));
            case "/property" -> Response.text(System.getProperty(request.query()) + "\n");
            case "/resource" -> {
                URL found = Thread.currentThread().getContextClassLoader().getResource(request.query());
                yield Response.text(found + "\n");
            }
            case "/log" -> Response.text(Logs.log() + "\n");
            default -> Response.of(404);
        };
    }

    /// Apart, so that the others work without slf4j.
    private static final class Logs {

        static String log() {
            Logger logger = LoggerFactory.getLogger("shop");
            logger.warn("told by the application");
            return logger.getClass().getName();
        }
    }

    private static String descriptors() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> links = Files.list(DESCRIPTORS)) {
            for (Path link : links.sorted().toList()) {
                if (Files.exists(link, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                    text.append(link.getFileName()).append(' ').append(Files.readSymbolicLink(link)).append('\n');
                }
            }
        }
        return text.toString();
    }

    private static String output(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        return new String(process.getInputStream().readAllBytes());
    }
}
