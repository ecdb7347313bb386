package loomgate.api;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// What the client asked, as the gateway (nginx) or the client itself sent it.
///
/// **Threads.** Belongs to the thread that [Handler#handle] was called on. [#isCancelled()], [#timeLeft()] and
/// [#extendTimeLeft] may be called by any thread.
/// **Lifetime.** Until the response has been sent.
public interface Request {

    /// The method in the case that it was sent in, `GET` for example (RFC 9110 section 9.1: methods are
    /// case-sensitive).
    String method();

    /// The request target as the client sent it, neither decoded nor normalised: `/a%20b?x=1`.
    /// From nginx by the uwsgi protocol this is `REQUEST_URI`.
    String uri();

    /// The path, percent-decoded as UTF-8, without the query: `/a b`. Bytes that are no UTF-8 become U+FFFD;
    /// [#uri()] has them as they were. From nginx by the uwsgi protocol this is `PATH_INFO`, which nginx has
    /// normalised.
    String path();

    /// The query without its `?` and not decoded; empty where there is none.
    String query();

    /// The protocol the client spoke, as it was sent: `HTTP/1.1`.
    String protocol();

    /// The client's header fields in the order they came in.
    Headers headers();

    /// The gateway's variables under their CGI names (RFC 3875 section 4.1, the uwsgi protocol): `REQUEST_METHOD`,
    /// `SERVER_NAME`, `HTTP_HOST`, whatever `uwsgi_param` adds. Each byte of a value is one character (ISO-8859-1).
    /// Over HTTP they are derived from the request. Unmodifiable. Nothing in them has been acted upon except what
    /// the other methods of this interface return.
    Map<String, String> variables();

    /// The client's address as the gateway states it (`REMOTE_ADDR`); over HTTP, the address of the connection's peer,
    /// which is the proxy's if there is one; empty when a unix socket's peer gave none.
    String remoteAddress();

    /// The number of bytes in the body, or -1 while only its end will tell (chunked). 0 where there is no body.
    long contentLength();

    /// The body, as it comes in. Always the same stream; empty where there is no body. Reading blocks until bytes are
    /// there, the server's `socket-timeout` has passed ([IOException]) or the peer has gone ([IOException]).
    /// **Ownership.** The server's: closing it is allowed and changes nothing. What the handler leaves unread is
    /// discarded by the server.
    InputStream body();

    /// Reads what is left of the body into memory.
    ///
    /// @param limit the most bytes to accept; 0 or more
    /// @throws BodyTooLargeException if there are more than `limit` bytes; when it escapes from the handler the client
    ///                               gets 413
    /// @throws IOException           as [#body()]
    default byte[] body(int limit) throws IOException {
        if (limit < 0) {
            throw new IllegalArgumentException("limit is negative: " + limit);
        }
        if (contentLength() > limit) {
            throw new BodyTooLargeException(limit);
        }
        byte[] bytes = body().readNBytes(limit);
        if (bytes.length == limit && body().read() >= 0) {
            throw new BodyTooLargeException(limit);
        }
        return bytes;
    }

    /// The first value of a parameter of the query, decoded as `application/x-www-form-urlencoded` in UTF-8; empty if
    /// the query does not name it. A parameter without `=` has the empty string as its value.
    ///
    /// @throws IllegalArgumentException if the name or the value that was sent is not well-formed percent-encoding
    default Optional<String> parameter(String name) {
        for (String pair : query().split("&")) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (!pair.isEmpty() && URLDecoder.decode(key, StandardCharsets.UTF_8).equals(name)) {
                return Optional.of(
                        equals < 0 ? "" : URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return Optional.empty();
    }

    /// How long the server will still wait for this request, never negative; empty while it sets no limit. The limit is
    /// `harakiri`, and when the worker begins to drain what is left of `reload-mercy`, whichever is less.
    Optional<Duration> timeLeft();

    /// Asks for time: the server is to wait at least that much longer for this request. All extensions of a request
    /// together add no more to `harakiri` than the INI's `harakiri-extension`, and `reload-mercy` is not extended. A
    /// limit that is farther away already stays; without a limit, or after it, nothing changes.
    ///
    /// @param needed from now on; not negative
    /// @return [#timeLeft()] from now on: what was granted
    /// @throws IllegalArgumentException if `needed` is negative
    Optional<Duration> extendTimeLeft(Duration needed);

    /// Whether the answer is wanted no longer: the time that [#timeLeft()] told of has run out, or the client of a
    /// request that may be cancelled has gone away (`cancel-on-disconnect`). The handler's thread is interrupted at the
    /// same moment.
    boolean isCancelled();
}
