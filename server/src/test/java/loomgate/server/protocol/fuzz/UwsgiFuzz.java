package loomgate.server.protocol.fuzz;

import static loomgate.server.protocol.fuzz.Parser.require;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import loomgate.server.protocol.Limits;
import loomgate.server.protocol.fuzz.Outcome.Seen;
import loomgate.server.protocol.uwsgi.Packet;
import loomgate.server.protocol.uwsgi.UwsgiCodec;
import loomgate.server.protocol.uwsgi.UwsgiCorpus;

/// What holds for the uwsgi codec whatever bytes a gateway sends.
public final class UwsgiFuzz {

    /// Small, so that the fuzzer gets beyond it.
    private static final Parser UWSGI = new Parser(UwsgiCodec::new, new Limits(400));

    /// For packets made here, which may be longer than what they were made of.
    private static final Parser ROOMY_UWSGI = new Parser(UwsgiCodec::new, new Limits(65535));

    private static final int HEADER = 4; // bytes of a packet

    private UwsgiFuzz() {}

    /// What the fuzzer calls first. It has to have seen all classes before it begins to count.
    public static void fuzzerInitialize() {
        UwsgiCorpus.cases().map(UwsgiCorpus::bytes).forEach(UwsgiFuzz::fuzzerTestOneInput);
    }

    /// What the fuzzer calls.
    public static void fuzzerTestOneInput(byte[] bytes) {
        Find.orNothing(bytes, UwsgiFuzz::check);
    }

    private static void check(byte[] bytes) throws Exception {
        Outcome outcome = UWSGI.checkedOutcome(bytes);
        if (outcome.requests().isEmpty()) {
            return;
        }
        require(1, outcome.requests().size(), "of the one request that a connection has");
        Seen seen = outcome.requests().getFirst();
        requireAsTheReference(seen, bytes);
        if (seen.body() != null) {
            require(outcome, UWSGI.outcome(bytes, bytes), "with more behind it, which is not for us");
        }
        requireSameWhenWrittenAnew(seen);
    }

    /// What the packet says, read in the plainest way.
    private static void requireAsTheReference(Seen seen, byte[] bytes) {
        Map<String, String> variables = new HashMap<>();
        int size = number(bytes, 1);
        int at = HEADER;
        while (at < HEADER + size) {
            String name = text(bytes, at + 2, number(bytes, at));
            at += 2 + name.length();
            String value = text(bytes, at + 2, number(bytes, at));
            at += 2 + value.length();
            variables.put(name, value);
        }
        require(HEADER + size, at, "of the packet's size");
        require(variables.get("REQUEST_METHOD"), seen.method(), "by the reference");
        require(variables.getOrDefault("REQUEST_URI", seen.uri()), seen.uri(), "by the reference");
        require(variables.getOrDefault("REMOTE_ADDR", seen.remoteAddress()), seen.remoteAddress(), "by the reference");
        String length = variables.getOrDefault("CONTENT_LENGTH", "");
        require(length.isEmpty() ? 0 : Long.parseLong(length), seen.length(), "by the reference");
        if (seen.body() != null) {
            require(text(bytes, at, (int) seen.length()), seen.body(), "by the reference");
        }
        variables.forEach((name, value) -> {
            boolean isChanged = name.startsWith("HTTP_") || name.equals("PATH_INFO");
            boolean isWithheld = name.startsWith("UWSGI_") || name.equals("LOOMGATE_SECRET");
            if (!isChanged && !isWithheld) {
                require(value, String.valueOf(seen.variables().get(name)), "by the reference, of " + name);
            }
        });
    }

    private static void requireSameWhenWrittenAnew(Seen seen) throws Exception {
        Packet packet = new Packet(0);
        seen.variables().forEach((name, value) -> {
            if (!name.equals("CONTENT_LENGTH")) { // there is no body behind it
                packet.with(name, value);
            }
        });
        Seen anew = ROOMY_UWSGI.outcome(packet.bytes()).requests().getFirst();
        Map<String, String> variables = new HashMap<>(seen.variables());
        variables.remove("CONTENT_LENGTH");
        require(new Seen(seen.method(), seen.uri(), seen.path(), seen.query(), seen.protocol(), seen.remoteAddress(),
                seen.remoteUser(), 0, anew.headers(), variables, ""), anew, "when it is written anew");
    }

    private static int number(byte[] bytes, int at) {
        return (bytes[at] & 0xff) | (bytes[at + 1] & 0xff) << 8;
    }

    private static String text(byte[] bytes, int from, int length) {
        return Outcome.text(Arrays.copyOfRange(bytes, from, from + length));
    }
}
