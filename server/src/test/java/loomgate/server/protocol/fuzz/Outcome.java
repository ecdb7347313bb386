package loomgate.server.protocol.fuzz;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import loomgate.api.Headers;
import loomgate.api.Response;
import loomgate.server.net.ArrayTransport;
import loomgate.server.net.ArrayTransport.Then;
import loomgate.server.net.PeerGone;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.Codec;
import loomgate.server.protocol.PlainResponse;
import loomgate.server.protocol.RequestHead;

/// What became of a connection's bytes.
///
/// @param requests that the application was given, in order
/// @param refusal  status and reason; empty if there was none
/// @param answers  what was written, without the dates
/// @param isOpen   whether the server would have read another request
record Outcome(List<Seen> requests, String refusal, String answers, boolean isOpen) {

    /// A request as the application is given it.
    ///
    /// @param body its octets, one a character; null if it was not read, or was refused
    record Seen(String method, String uri, String path, String query, String protocol, String remoteAddress,
            String remoteUser, long length, Headers headers, Map<String, String> variables, String body) {

        static Seen of(RequestHead head) {
            return new Seen(head.method(), head.uri(), head.path(), head.query(), head.protocol(), head.remoteAddress(),
                    head.remoteUser(), head.contentLength(), head.headers(), head.variables(), null);
        }

        Seen withBody(String body) {
            return new Seen(method, uri, path, query, protocol, remoteAddress, remoteUser, length, headers, variables,
                    body);
        }
    }

    /// The statuses that a codec may refuse a request with.
    private static final Set<Integer> REFUSALS = Set.of(400, 408, 413, 414, 417, 431, 501, 505);

    private static final String DATE = "\r\nDate: ";

    /// Serves a connection as a worker does.
    ///
    /// @param isBodyRead whether the application reads the bodies
    static Outcome of(ArrayTransport transport, Codec codec, Then then, boolean isBodyRead) throws Exception {
        List<Seen> requests = new ArrayList<>();
        String refusal = "";
        boolean isOpen = false;
        try {
            do {
                Optional<RequestHead> head = codec.readHead();
                if (head.isEmpty()) {
                    isOpen = true;
                    break;
                }
                Seen seen = Seen.of(head.get());
                requests.add(seen);
                if (isBodyRead) {
                    requests.set(requests.size() - 1, seen.withBody(read(codec.body())));
                }
                codec.write(Response.text("ok"));
            } while (codec.isPersistent());
        } catch (BadRequest bad) {
            if (!REFUSALS.contains(bad.status())) {
                throw new AssertionError("refused with a status that is not for this: " + bad.status(), bad);
            }
            refusal = bad.status() + " " + bad.getMessage();
            codec.write(PlainResponse.of(bad.status()));
            if (codec.isPersistent()) {
                throw new AssertionError("the connection goes on after a refusal: " + refusal);
            }
        } catch (PeerGone gone) {
            requireIsGone(then, gone);
        }
        try {
            codec.hasUnreadInput(); // differs with what has come in already; but it has to be able to tell
        } catch (PeerGone gone) {
            requireIsGone(then, gone);
        }
        return new Outcome(requests, refusal, withoutDates(transport.written()), isOpen);
    }

    private static void requireIsGone(Then then, PeerGone gone) throws PeerGone {
        if (then != Then.IS_GONE) {
            throw gone;
        }
    }

    /// Reads a body in the different ways that applications have.
    private static String read(InputStream body) throws IOException {
        int first = body.read();
        return first < 0 ? "" : (char) first + text(body.readNBytes(3)) + text(body.readAllBytes());
    }

    private static String withoutDates(String answers) {
        int date = answers.indexOf(DATE);
        if (date < 0) {
            return answers;
        }
        StringBuilder without = new StringBuilder(answers.length());
        int from = 0;
        for (; date >= 0; date = answers.indexOf(DATE, from)) {
            without.append(answers, from, date);
            from = answers.indexOf("\r\n", date + DATE.length());
        }
        return without.append(answers, from, answers.length()).toString();
    }

    static String text(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }
}
