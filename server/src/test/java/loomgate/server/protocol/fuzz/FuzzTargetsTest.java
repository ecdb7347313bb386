package loomgate.server.protocol.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import loomgate.server.protocol.CorpusCase;
import loomgate.server.protocol.EscapedText;
import loomgate.server.protocol.uwsgi.UwsgiCorpus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FuzzTargetsTest {

    @ParameterizedTest(name = "{0}")
    @MethodSource("httpCases")
    void whatHoldsForAllBytesHoldsForTheHttpCorpus(CorpusCase corpusCase) {
        HttpFuzz.fuzzerTestOneInput(corpusCase.bytes());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("uwsgiCases")
    void whatHoldsForAllBytesHoldsForTheUwsgiCorpus(CorpusCase corpusCase) {
        UwsgiFuzz.fuzzerTestOneInput(UwsgiCorpus.bytes(corpusCase));
    }

    static Stream<CorpusCase> httpCases() {
        return CorpusCase.in("http");
    }

    static Stream<CorpusCase> uwsgiCases() {
        return UwsgiCorpus.cases();
    }

    @Test
    void whatIsFoundIsToldAsACaseForTheCorpus() {
        byte[] bytes = "GET /\\ \r\n\0\u00e4\t~".getBytes(StandardCharsets.ISO_8859_1);
        Find find = assertThrows(Find.class, () -> Find.orNothing(bytes, _ -> {
            throw new IllegalStateException("wrong");
        }));
        assertTrue(find.getMessage().contains("IllegalStateException: wrong"), find::getMessage);
        assertTrue(find.getMessage().endsWith("\nGET /\\\\ \\r\\n\n\\x00\\xe4\\t~\n"), find::getMessage);
    }

    @Test
    void aCaseForTheCorpusStandsForTheSameBytes() {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        String text = String.join("", EscapedText.of(bytes).split("\n"));
        assertEquals(Outcome.text(bytes), Outcome.text(EscapedText.bytes(text)));
    }
}
