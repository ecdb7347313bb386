package loomgate.api.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Objects;
import java.util.Optional;
import loomgate.api.Body;
import loomgate.api.Handler;
import loomgate.api.Headers;
import loomgate.api.Request;
import loomgate.api.Response;

/// A response as a client would have received it: the file has been read, the stream has been written.
public final class TestResponse {

    private final int status;
    private final Headers headers;
    private final byte[] bytes;

    private TestResponse(Response response, byte[] bytes) {
        status = response.status();
        headers = response.headers();
        this.bytes = bytes;
    }

    /// Calls the handler and then writes the response's body, as the server would; not for HEAD.
    ///
    /// **Errors.** Whatever the handler throws escapes as it is, so that a test can expect it.
    ///
    /// @throws AssertionError if a stream's body does not have the length that its response states
    /// @throws Exception      whatever the handler or its body's writer threw
    public static TestResponse call(Handler handler, Request request) throws Exception {
        Response response = Objects.requireNonNull(handler.handle(request), "the handler returned null");
        return request.method().equals("HEAD") ? new TestResponse(response, new byte[0]) : of(response);
    }

    /// Writes the body of a response that is at hand.
    ///
    /// @throws AssertionError if a stream's body does not have the length that its response states
    /// @throws Exception      whatever the body's writer threw, or an [IOException] if the file cannot be read
    public static TestResponse of(Response response) throws Exception {
        return new TestResponse(response, switch (response.body()) {
            case Body.Empty() -> new byte[0];
            case Body.Bytes(byte[] content) -> content.clone();
            case Body.File(var path) -> Files.readAllBytes(path);
            case Body.Stream(long length, var writer) -> written(length, writer);
        });
    }

    /// The status, 200 to 599.
    public int status() {
        return status;
    }

    /// The header fields that the handler set. Those that the server adds are not there.
    public Headers headers() {
        return headers;
    }

    /// The value of the first header field of that name.
    public Optional<String> header(String name) {
        return headers.first(name);
    }

    /// The body. Empty if there is none.
    public byte[] bytes() {
        return bytes.clone();
    }

    /// The body as text in UTF-8.
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /// The status, the header fields and the body as text, for the message of a test that fails.
    @Override
    public String toString() {
        return status + "\n" + headers + "\n" + text();
    }

    private static byte[] written(long length, Body.Writer writer) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writer.writeTo(out);
        if (length >= 0 && out.size() != length) {
            throw new AssertionError(
                    "the response states a length of " + length + " bytes, but its body has " + out.size());
        }
        return out.toByteArray();
    }
}
