package loomgate.server.protocol.uwsgi;

import java.util.stream.Stream;
import loomgate.server.protocol.Conversation;
import loomgate.server.protocol.CorpusCase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UwsgiCorpusTest {

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void outcomeDoesNotDependOnHowBytesArrive(CorpusCase corpusCase) throws Exception {
        Conversation.assertOutcome(UwsgiCodec::new, corpusCase, UwsgiCorpus.bytes(corpusCase));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void mutationsHaveOneOutcomeToo(CorpusCase corpusCase) throws Exception {
        Conversation.assertMutationsHaveOneOutcome(UwsgiCodec::new, corpusCase, UwsgiCorpus.bytes(corpusCase));
    }

    static Stream<CorpusCase> cases() {
        return UwsgiCorpus.cases();
    }
}
