package loomgate.server.protocol;

import java.nio.charset.StandardCharsets;
import loomgate.api.Body;
import loomgate.api.Headers;
import loomgate.api.Response;

/// The server's own answers: a status and its reason as text.
public final class PlainResponse {

    private PlainResponse() {}

    public static Response of(int status) {
        String text = status + " " + StatusLine.reasonPhrase(status) + "\n";
        return new Response(status, Headers.of("Content-Type", "text/plain; charset=utf-8"),
                new Body.Bytes(text.getBytes(StandardCharsets.US_ASCII)));
    }
}
