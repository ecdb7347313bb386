package loomgate.server.protocol.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import loomgate.server.protocol.RulePage;
import loomgate.server.protocol.RulePage.Rule;
import org.junit.jupiter.api.Test;

/// docs/http.md says of each requirement on a server which test shows what is done about it. Here those tests are
/// looked for, so that the page cannot promise more than is tested.
class HttpRequirementsTest {

    private static final String HEADING = "| section | level | requirement | what Loomgate does | shown by |";
    private static final int LEVEL = 1;

    private static RulePage page() throws IOException {
        return RulePage.of("http.md", HEADING);
    }

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        assertEquals(List.of(), page().missing("http"));
    }

    @Test
    void everyObligationIsShownByATest() throws IOException {
        List<Rule> unshown = page().rules().stream()
                .filter(rule -> rule.cells().get(LEVEL).startsWith("MUST") && rule.references().isEmpty())
                .toList();
        assertEquals(List.of(), unshown);
    }

    @Test
    void aTableHasWhatItsColumnsSay() throws IOException {
        List<Rule> rules = page().rules();
        assertTrue(rules.size() > 100, () -> rules.size() + " requirements");
        Pattern level = Pattern.compile("(MUST|SHOULD)( NOT)?|MAY|ours");
        assertEquals(List.of(),
                rules.stream().filter(rule -> !level.matcher(rule.cells().get(LEVEL)).matches()).toList());
    }
}
