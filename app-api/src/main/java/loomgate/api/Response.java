package loomgate.api;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/// The answer to a [Request]: a value that the server sends after the handler has returned it.
///
/// {@snippet class="HelloSnippetTest" region="responses"}
///
/// The length on the wire is that of the body, so there is no field to contradict it. `Date` and `Server` are added
/// unless they are here: by the server in HTTP, by the gateway behind the uwsgi protocol.
///
/// @param status  a final status, 200 to 599 (RFC 9110 section 15). 1xx are the server's own
/// @param headers fields of the response. Those that describe the message on the wire are the server's and refused
///                here: `Connection`, `Content-Length`, `Keep-Alive`, `Proxy-Connection`, `TE`, `Trailer`,
///                `Transfer-Encoding`, `Upgrade` (RFC 9110 section 7.6.1, RFC 9112 section 6)
/// @param body    what follows the head. 204, 205 and 304 have none (RFC 9110 sections 6.4.1, 15.3.6) and refuse one
public record Response(int status, Headers headers, Body body) {

    private static final Set<String> OF_THE_SERVER = Set.of("connection", "content-length", "keep-alive",
            "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade");

    private static final Body.Empty NO_BODY = new Body.Empty();

    /// @throws IllegalArgumentException if a part is not allowed
    public Response {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("status is not between 200 and 599: " + status);
        }
        Objects.requireNonNull(body, "body");
        if ((status == 204 || status == 205 || status == 304) && !(body instanceof Body.Empty)) {
            throw new IllegalArgumentException("a response with status " + status + " has no body");
        }
        headers.forEach((name, _) -> {
            if (OF_THE_SERVER.contains(name.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("header " + name + " is set by the server alone"
                        + (name.equalsIgnoreCase("content-length")
                                ? "; a stream's length goes to Response.stream" : ""));
            }
        });
    }

    /// A response without a body.
    public static Response of(int status) {
        return new Response(status, Headers.empty(), NO_BODY);
    }

    /// 200 with text in UTF-8, as `text/plain`.
    public static Response text(String text) {
        return bytes("text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    /// 200 with the given bytes.
    ///
    /// @param content not copied: not to be changed afterwards
    public static Response bytes(String contentType, byte[] content) {
        return new Response(200, Headers.of("Content-Type", contentType), new Body.Bytes(content));
    }

    /// 200 with the content of a file, which clients may also have in part or only if it has changed: [Body.File].
    public static Response file(String contentType, Path path) {
        return new Response(200, Headers.of("Content-Type", contentType), new Body.File(path));
    }

    /// 200 with a body that is written while it is sent and whose length only its end tells.
    public static Response stream(String contentType, Body.Writer writer) {
        return stream(contentType, -1, writer);
    }

    /// 200 with a body that is written while it is sent.
    ///
    /// @param length the number of bytes that will be written, or -1 if that is not known
    public static Response stream(String contentType, long length, Body.Writer writer) {
        return new Response(200, Headers.of("Content-Type", contentType), new Body.Stream(length, writer));
    }

    /// This response with another status.
    public Response withStatus(int newStatus) {
        return new Response(newStatus, headers, body);
    }

    /// This response with one more header field.
    ///
    /// @throws IllegalArgumentException as the constructor and [Headers#with]
    public Response withHeader(String name, String value) {
        return new Response(status, headers.with(name, value), body);
    }
}
