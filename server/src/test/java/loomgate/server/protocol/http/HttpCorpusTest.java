package loomgate.server.protocol.http;

import java.util.stream.Stream;
import loomgate.server.protocol.Conversation;
import loomgate.server.protocol.CorpusCase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HttpCorpusTest {

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void outcomeDoesNotDependOnHowBytesArrive(CorpusCase corpusCase) throws Exception {
        Conversation.assertOutcome(HttpCodec::new, corpusCase, corpusCase.bytes());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void mutationsHaveOneOutcomeToo(CorpusCase corpusCase) throws Exception {
        Conversation.assertMutationsHaveOneOutcome(HttpCodec::new, corpusCase, corpusCase.bytes());
    }

    static Stream<CorpusCase> cases() {
        return CorpusCase.in("http");
    }
}
