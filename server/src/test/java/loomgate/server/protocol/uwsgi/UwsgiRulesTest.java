package loomgate.server.protocol.uwsgi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import loomgate.server.protocol.CorpusCase;
import loomgate.server.protocol.RulePage;
import loomgate.server.protocol.RulePage.Rule;
import org.junit.jupiter.api.Test;

/// docs/uwsgi.md says of each rule which test shows it. Here those tests are looked for, and the other way round.
class UwsgiRulesTest {

    private static RulePage page() throws IOException {
        return RulePage.of("uwsgi.md", "| what comes | what Loomgate does | what uWSGI 2.0.21 does | shown by |");
    }

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        assertEquals(List.of(), page().missing("uwsgi"));
    }

    @Test
    void everyRuleIsShownByATest() throws IOException {
        assertEquals(List.of(), page().rules().stream().filter(rule -> rule.references().isEmpty()).toList());
    }

    @Test
    void everyCaseOfTheCorpusShowsARule() throws IOException {
        Set<String> named =
                page().rules().stream().map(Rule::references).flatMap(List::stream).collect(Collectors.toSet());
        assertEquals(List.of(), CorpusCase.in("uwsgi").map(one -> one.name().replaceFirst("\\.[a-z]+$", ""))
                .filter(name -> !named.contains(name)).toList());
    }
}
