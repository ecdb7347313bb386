package loomgate.server.protocol;

import java.nio.charset.StandardCharsets;
import loomgate.api.Body;
import loomgate.api.Headers;
import loomgate.api.Response;

/// The server's own answers: a status and what it means as text.
public final class PlainResponse {

    private PlainResponse() {}

    public static Response of(int status) {
        return text(status, status + " " + StatusLine.reasonPhrase(status) + "\n");
    }

    /// The answer to a request that is none, for whoever wrote the client.
    public static Response of(BadRequest bad) {
        return text(bad.status(),
                bad.status() + " " + StatusLine.reasonPhrase(bad.status()) + ": " + bad.getMessage() + "\n");
    }

    private static Response text(int status, String text) {
        return new Response(status, Headers.of("Content-Type", "text/plain; charset=utf-8"),
                new Body.Bytes(text.getBytes(StandardCharsets.US_ASCII)));
    }
}
