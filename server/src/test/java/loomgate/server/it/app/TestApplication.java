package loomgate.server.it.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import loomgate.api.AppContext;
import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// An application that does what the tests need to see.
public final class TestApplication implements Handler {

    private static final int BLOCK = 64 * 1024;

    private final AppContext context;
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicLong written = new AtomicLong();

    public TestApplication(AppContext context) {
        this.context = context;
    }

    @Override
    public Response handle(Request request) throws Exception {
        running.incrementAndGet();
        try {
            Response response = answer(request);
            return response == null ? null
                    : response.withHeader("X-Worker", context.worker() + ":" + ProcessHandle.current().pid());
        } finally {
            running.decrementAndGet();
        }
    }

    private Response answer(Request request) throws Exception {
        return switch (request.path().replace("/unbuffered", "")) {
            case "/hello" -> Response.text("hello\n");
            case "/echo" -> Response.text(described(request));
            case "/checksum" -> Response.text(checksum(request.body()) + "\n");
            case "/large" -> large(number(request, "bytes"));
            case "/sleep" -> {
                Thread.sleep(number(request, "ms"));
                yield Response.text("slept\n");
            }
            case "/wait" -> {
                while (!Files.exists(Path.of(text(request, "until")))) {
                    Thread.sleep(10);
                }
                yield Response.text("waited\n");
            }
            case "/stream-checksum" -> Response.stream("text/plain", out -> {
                out.write("so far so good\n".getBytes());
                out.flush();
                out.write(checksum(request.body()).getBytes());
            });
            case "/ignore" -> Response.text("ignored\n");
            case "/throw" -> throw new IllegalStateException("thrown on purpose");
            case "/null" -> null;
            case "/stream" -> Response.stream("text/plain", out -> {
                for (int i = 0; i < number(request, "lines"); i++) {
                    out.write(("line " + i + "\n").getBytes());
                    out.flush();
                }
            });
            case "/break" -> Response.stream("application/octet-stream", number(request, "bytes"), out -> {
                writePattern(out, number(request, "bytes") / 2);
                throw new IOException("broken off on purpose");
            });
            case "/file" -> Response.file("application/octet-stream", Path.of(text(request, "path")));
            case "/steps" -> Response.stream("text/plain", out -> {
                out.write("one\n".getBytes());
                out.flush();
                while (!Files.exists(Path.of(text(request, "until")))) {
                    Thread.sleep(10);
                }
                out.write("two\n".getBytes());
            }).withHeader("X-Accel-Buffering", "no");
            case "/endless" -> Response.stream("application/octet-stream", out -> writeUntilRefused(request, out));
            case "/written" -> Response.text(written + "\n");
            case "/wrong-length" -> Response.stream("application/octet-stream", number(request, "announced"),
                    out -> writePattern(out, number(request, "written")));
            case "/request-variables" -> Response.text(new TreeMap<>(request.variables()) + "\n");
            case "/break-chunks" -> Response.stream("application/octet-stream", out -> {
                writePattern(out, number(request, "bytes"));
                throw new IOException("broken off on purpose");
            });
            case "/status" -> Response.of((int) number(request, "code"));
            case "/running" -> Response.text(running.get() + "\n");
            case "/variables" -> Response.text(context.variables() + "\n");
            case "/cwd" -> Response.text(Path.of("").toAbsolutePath() + "\n");
            case "/environment" -> Response.text(System.getenv(request.query()) + "\n");
            default -> request.path().startsWith("/echo/") ? Response.text(described(request)) : Response.of(404);
        };
    }

    private static String described(Request request) {
        StringBuilder text = new StringBuilder();
        text.append("method ").append(request.method()).append('\n');
        text.append("uri ").append(request.uri()).append('\n');
        text.append("path ").append(request.path()).append('\n');
        text.append("query ").append(request.query()).append('\n');
        text.append("remote ").append(request.remoteAddress()).append('\n');
        text.append("length ").append(request.contentLength()).append('\n');
        request.headers().forEach((name, value) ->
                text.append("header ").append(name.toLowerCase(java.util.Locale.ROOT)).append(' ').append(value)
                        .append('\n'));
        return text.toString();
    }

    /// SHA-256 of the bytes and their number.
    private static String checksum(InputStream body) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] block = new byte[BLOCK];
        long length = 0;
        for (int n = body.read(block); n >= 0; n = body.read(block)) {
            digest.update(block, 0, n);
            length += n;
        }
        return HexFormat.of().formatHex(digest.digest()) + " " + length;
    }

    private static Response large(long bytes) {
        return Response.stream("application/octet-stream", bytes, out -> writePattern(out, bytes));
    }

    /// The byte at each place is the place modulo 251, so that a shift shows.
    public static void writePattern(OutputStream out, long bytes) throws IOException {
        byte[] block = new byte[BLOCK];
        for (long at = 0; at < bytes; at += block.length) {
            int length = (int) Math.min(block.length, bytes - at);
            for (int i = 0; i < length; i++) {
                block[i] = (byte) ((at + i) % 251);
            }
            out.write(block, 0, length);
        }
    }

    /// `/written` tells how much it has been, and standard output how it ended.
    private void writeUntilRefused(Request request, OutputStream out) {
        written.set(0);
        try {
            byte[] block = new byte[BLOCK];
            for (long left = number(request, "bytes"); left > 0; left -= block.length) {
                out.write(block);
                written.addAndGet(block.length);
            }
        } catch (IOException e) {
            System.out.println("the writer was refused: " + e.getMessage());
            throw new UncheckedIOException(e); // as applications do
        }
    }

    private static long number(Request request, String name) {
        return Long.parseLong(text(request, name));
    }

    private static String text(Request request, String name) {
        return request.parameter(name).orElseThrow();
    }
}
