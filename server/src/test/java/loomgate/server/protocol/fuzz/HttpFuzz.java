package loomgate.server.protocol.fuzz;

import static loomgate.server.protocol.fuzz.Parser.require;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import loomgate.api.Headers;
import loomgate.server.protocol.CorpusCase;
import loomgate.server.protocol.Limits;
import loomgate.server.protocol.fuzz.Outcome.Seen;
import loomgate.server.protocol.http.HttpCodec;
import loomgate.server.protocol.uwsgi.Packet;
import loomgate.server.protocol.uwsgi.UwsgiCodec;

/// What holds for the HTTP codec whatever bytes a client sends.
public final class HttpFuzz {

    /// Small, so that the fuzzer gets beyond it, but with room for more fields than are allowed.
    private static final Parser HTTP = new Parser(HttpCodec::new, new Limits(840));

    /// For messages made here, which may be longer than what they were made of.
    private static final Parser ROOMY_HTTP = new Parser(HttpCodec::new, new Limits(65535));
    private static final Parser ROOMY_UWSGI = new Parser(UwsgiCodec::new, new Limits(65535));

    private static final byte[] BEFORE =
            octets("POST /before HTTP/1.1\r\nHost: before\r\nContent-Length: 3\r\n\r\nabc");
    private static final byte[] BEHIND = octets("GET /behind HTTP/1.1\r\nHost: behind\r\n\r\n");

    private HttpFuzz() {}

    /// What the fuzzer calls first. It has to have seen all classes before it begins to count.
    public static void fuzzerInitialize() {
        CorpusCase.in("http").map(CorpusCase::bytes).forEach(HttpFuzz::fuzzerTestOneInput);
    }

    /// What the fuzzer calls.
    public static void fuzzerTestOneInput(byte[] bytes) {
        Find.orNothing(bytes, HttpFuzz::check);
    }

    private static void check(byte[] bytes) throws Exception {
        Outcome outcome = HTTP.checkedOutcome(bytes);
        int end = requireAsTheReference(outcome, Outcome.text(bytes));
        if (outcome.isOpen() && end == bytes.length) {
            requireNextRequestIntact(outcome, bytes);
        }
        requireNoTraceOfTheRequestBefore(outcome, bytes);
        for (Seen seen : outcome.requests()) {
            if (seen.body() != null) {
                requireSameWhenWrittenAnew(seen);
            }
            requireSameWhenPassedOn(seen);
        }
    }

    /// The reference finds the same requests, each where the one before it ends.
    ///
    /// @return the end of the last; -1 if it has none
    private static int requireAsTheReference(Outcome outcome, String bytes) {
        int at = 0;
        for (Seen seen : outcome.requests()) {
            HttpReference reference = HttpReference.at(bytes, at);
            require(reference.requestLine(), String.join(" ", seen.method(), seen.uri(), seen.protocol()),
                    "by the reference");
            require(comparable(reference.headers(), seen.uri()), comparable(seen.headers(), seen.uri()),
                    "by the reference");
            if (seen.body() != null) {
                require(seen.body(), String.valueOf(reference.body()), "by the reference");
            }
            at = reference.end();
        }
        return at;
    }

    /// Without what is not to be as it came in: the gateway's secret, which is withheld, and with a target in
    /// absolute-form Host, which the target replaces.
    private static Headers comparable(Headers fields, String uri) {
        boolean isAbsoluteForm = !uri.startsWith("/") && !uri.equals("*");
        Headers comparable = fields.without("X-Loomgate-Secret");
        return isAbsoluteForm ? comparable.without("Host") : comparable;
    }

    private static void requireNextRequestIntact(Outcome outcome, byte[] bytes) throws Exception {
        Outcome more = HTTP.outcome(joined(bytes, BEHIND));
        List<Seen> expected = new ArrayList<>(outcome.requests());
        expected.addAll(HTTP.outcome(BEHIND).requests());
        require(expected, more.requests(), "with a request behind it");
        require("", more.refusal(), "with a request behind it");
    }

    private static void requireNoTraceOfTheRequestBefore(Outcome outcome, byte[] bytes) throws Exception {
        Outcome before = HTTP.outcome(BEFORE);
        Outcome more = HTTP.outcome(joined(BEFORE, bytes));
        List<Seen> expected = new ArrayList<>(before.requests());
        expected.addAll(outcome.requests());
        require(new Outcome(expected, outcome.refusal(), before.answers() + outcome.answers(), outcome.isOpen()), more,
                "with a request before it");
    }

    private static void requireSameWhenWrittenAnew(Seen seen) throws Exception {
        StringBuilder anew = new StringBuilder();
        anew.append(seen.method()).append(' ').append(seen.uri()).append(' ').append(seen.protocol()).append("\r\n");
        seen.headers().forEach((name, value) -> anew.append(name).append(": ").append(value).append("\r\n"));
        anew.append("\r\n");
        if (seen.headers().contains("Transfer-Encoding")) {
            if (!seen.body().isEmpty()) {
                anew.append(Integer.toHexString(seen.body().length())).append("\r\n");
                anew.append(seen.body()).append("\r\n");
            }
            anew.append("0\r\n\r\n");
        } else {
            anew.append(seen.body());
        }
        require(List.of(seen), ROOMY_HTTP.outcome(octets(anew.toString())).requests(), "when it is written anew");
    }

    /// A gateway that speaks uwsgi and sends our variables means the same request.
    private static void requireSameWhenPassedOn(Seen seen) throws Exception {
        Packet packet = new Packet(0);
        for (Map.Entry<String, String> variable : seen.variables().entrySet()) {
            if (!variable.getKey().equals("CONTENT_LENGTH")) { // there is no body behind it
                packet.with(variable.getKey(), variable.getValue());
            }
        }
        Outcome passedOn = ROOMY_UWSGI.outcome(packet.bytes());
        require("", passedOn.refusal(), "when it is passed on as uwsgi");
        Seen there = passedOn.requests().getFirst();
        require(List.of(seen.method(), seen.uri(), seen.path(), seen.query(), seen.protocol(), seen.remoteAddress()),
                List.of(there.method(), there.uri(), there.path(), there.query(), there.protocol(),
                        there.remoteAddress()),
                "when it is passed on as uwsgi");
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] joined = new byte[first.length + second.length];
        System.arraycopy(first, 0, joined, 0, first.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
