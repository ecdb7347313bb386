package loomgate.server.protocol.uwsgi;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.stream.Stream;
import loomgate.server.protocol.Conversation;
import loomgate.server.protocol.CorpusCase;
import loomgate.server.protocol.EscapedText;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Files named `.uwsgi` have a variable a line, `NAME = value`, which are packed, and a body behind a line `body:`.
/// Files named `.raw` have the bytes themselves.
class UwsgiCorpusTest {

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void outcomeDoesNotDependOnHowBytesArrive(CorpusCase corpusCase) throws Exception {
        Conversation.assertOutcome(UwsgiCodec::new, corpusCase, bytes(corpusCase));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void mutationsHaveOneOutcomeToo(CorpusCase corpusCase) throws Exception {
        Conversation.assertMutationsHaveOneOutcome(UwsgiCodec::new, corpusCase, bytes(corpusCase));
    }

    static Stream<CorpusCase> cases() {
        return CorpusCase.in("uwsgi");
    }

    private static byte[] bytes(CorpusCase corpusCase) {
        if (corpusCase.name().endsWith(".raw")) {
            return corpusCase.bytes();
        }
        int bodyAt = corpusCase.lines().indexOf("body:");
        List<String> variables = bodyAt < 0 ? corpusCase.lines() : corpusCase.lines().subList(0, bodyAt);
        List<String> body = bodyAt < 0 ? List.of()
                : corpusCase.lines().subList(bodyAt + 1, corpusCase.lines().size());
        Packet packet = new Packet(Integer.parseInt(corpusCase.settings().getOrDefault("modifier1", "0")));
        for (String line : variables) {
            int equals = line.indexOf(" =");
            packet.with(EscapedText.bytes(line.substring(0, equals)),
                    EscapedText.bytes(line.substring(equals + 2).strip()));
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(packet.bytes());
        all.writeBytes(EscapedText.bytes(String.join("", body)));
        return all.toByteArray();
    }
}
