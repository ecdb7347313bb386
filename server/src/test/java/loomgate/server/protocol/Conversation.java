package loomgate.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import loomgate.api.Response;
import loomgate.server.net.ArrayTransport;
import loomgate.server.net.ArrayTransport.Then;
import loomgate.server.net.Transport;

/// A connection served as a worker serves it, written down: what the application was given, what the peer got, how the
/// connection went on.
public final class Conversation {

    /// Makes the codec under test.
    public interface Protocol {
        Codec on(Transport transport, Limits limits, Peer peer);
    }

    private static final Peer PEER = new Peer("192.0.2.7", 40123, "192.0.2.1", 8080);

    /// The status of each head that was sent, and what it says of the connection.
    private static final Pattern ANSWER =
            Pattern.compile("HTTP/1\\.1 (\\d{3}) [^\r]*\r\n(?:(?!\r\n)(?:Connection: ([^\r]*)|[^\r]*)\r\n)*\r\n");

    private static final int MUTATIONS = 50;
    private static final String WITH_UNREAD_INPUT = " with unread input";

    private final CorpusCase corpusCase;
    private final ArrayTransport transport;
    private final Codec codec;
    private final StringBuilder text = new StringBuilder();
    private int heard; // characters of what was written that are in the text

    private Conversation(Protocol protocol, CorpusCase corpusCase, byte[]... portions) {
        this.corpusCase = corpusCase;
        Then then = switch (corpusCase.settings().getOrDefault("then", "end")) {
            case "end" -> Then.ENDS;
            case "silence" -> Then.FALLS_SILENT;
            default -> throw new IllegalArgumentException("then: " + corpusCase.settings().get("then"));
        };
        this.transport = new ArrayTransport(then, portions);
        this.codec = protocol.on(transport, corpusCase.limits(), PEER);
    }

    /// Asserts the case's outcome for its bytes in one portion, in portions of one byte, and in two portions, cut at
    /// each place.
    public static void assertOutcome(Protocol protocol, CorpusCase corpusCase, byte[] bytes) throws Exception {
        assertEquals(corpusCase.expected(), new Conversation(protocol, corpusCase, bytes).render(), "whole");
        byte[][] single = new byte[bytes.length][];
        for (int i = 0; i < bytes.length; i++) {
            single[i] = new byte[] {bytes[i]};
        }
        assertEquals(corpusCase.expected(), new Conversation(protocol, corpusCase, single).render(), "byte by byte");
        for (int i = 1; i < bytes.length; i++) {
            byte[][] halves = {Arrays.copyOf(bytes, i), Arrays.copyOfRange(bytes, i, bytes.length)};
            assertEquals(corpusCase.expected(), new Conversation(protocol, corpusCase, halves).render(),
                    "cut after byte " + i);
        }
    }

    /// Asserts that bytes a little different from the case's have one outcome too, whatever it is, and that it is a
    /// request or a [BadRequest]. Whether requests that were sent behind the last one have been seen already is the
    /// one thing that may differ.
    public static void assertMutationsHaveOneOutcome(Protocol protocol, CorpusCase corpusCase, byte[] bytes)
            throws Exception {
        Random random = new Random(corpusCase.name().hashCode());
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] mutated = Mutations.ofBytes(bytes, random);
            byte[][] single = new byte[mutated.length][];
            for (int at = 0; at < mutated.length; at++) {
                single[at] = new byte[] {mutated[at]};
            }
            String whole = new Conversation(protocol, corpusCase, mutated).render();
            String byteByByte = new Conversation(protocol, corpusCase, single).render();
            assertEquals(whole.replace(WITH_UNREAD_INPUT, ""), byteByByte.replace(WITH_UNREAD_INPUT, ""),
                    () -> EscapedText.of(new String(mutated, StandardCharsets.ISO_8859_1)));
        }
    }

    private String render() throws Exception {
        do {
            Response response;
            try {
                Optional<RequestHead> head = codec.readHead();
                if (head.isEmpty()) {
                    renderAnswers();
                    say("end");
                    break;
                }
                render(head.get());
                response = Response.text("ok");
            } catch (BadRequest bad) {
                say("refused: " + bad.status() + " " + bad.getMessage());
                response = Response.of(bad.status());
            }
            codec.write(response);
            renderAnswers();
        } while (codec.isPersistent());
        say("closed" + (codec.hasUnreadInput() || isBlindToWhatWasSentAhead() ? WITH_UNREAD_INPUT : ""));
        return text.toString();
    }

    /// Whether bytes are left that a codec would have seen if they had come together with those before.
    private boolean isBlindToWhatWasSentAhead() {
        return transport.hasUnread() && corpusCase.expected().endsWith(WITH_UNREAD_INPUT + "\n");
    }

    private void render(RequestHead head) throws Exception {
        say("request: " + head.method() + " " + EscapedText.of(head.uri()) + " " + head.protocol());
        say("  path: " + EscapedText.of(head.path()));
        if (!head.query().isEmpty()) {
            say("  query: " + EscapedText.of(head.query()));
        }
        head.headers().forEach((name, value) -> say("  field " + name + ": " + EscapedText.of(value)));
        for (String name : shownVariables()) {
            String value = head.variables().get(name);
            say("  variable " + name + (value == null ? " is absent" : " = " + EscapedText.of(value)));
        }
        if (head.contentLength() != 0) {
            say("  length: " + head.contentLength());
        }
        if (!corpusCase.settings().getOrDefault("body", "read").equals("ignored")) {
            byte[] body = codec.body().readAllBytes();
            if (body.length > 0) {
                say("  body: " + rendered(body));
            }
        }
    }

    private List<String> shownVariables() {
        String names = corpusCase.settings().getOrDefault("show", "");
        return names.isEmpty() ? List.of() : List.of(names.split(" "));
    }

    private static String rendered(byte[] body) {
        if (body.length <= 80) {
            return EscapedText.of(new String(body, StandardCharsets.ISO_8859_1));
        }
        CRC32 sum = new CRC32();
        sum.update(body);
        return body.length + " bytes, CRC-32 " + Long.toHexString(sum.getValue());
    }

    private void renderAnswers() {
        Matcher answers = ANSWER.matcher(transport.written());
        int from = heard;
        while (answers.find(from)) {
            say("answer: " + answers.group(1) + (answers.group(2) == null ? "" : ", " + answers.group(2)));
            from = answers.end();
        }
        if (from == heard && from < transport.written().length()) {
            say("answer: " + EscapedText.of(transport.written().substring(from)));
        }
        heard = transport.written().length();
    }

    private void say(String line) {
        text.append(line).append('\n');
    }
}
