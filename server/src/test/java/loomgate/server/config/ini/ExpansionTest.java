package loomgate.server.config.ini;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import loomgate.server.config.ini.Entry.Kind;
import loomgate.server.config.ini.Entry.Origin;
import org.junit.jupiter.api.Test;

class ExpansionTest {

    private final Problems problems = new Problems();
    private final List<Entry> entries = new ArrayList<>();

    @Test
    void columnIsThatOfTheTextAsWritten() {
        line("long = a value that is much longer than its name");
        line("use = %(long)%(long) %(nowhere)");
        expanded();
        assertEquals(List.of("f:2:22: %(nowhere): no such key is defined"), problems.errors());
    }

    @Test
    void columnSurvivesAReplacementInAnEarlierPass() {
        line("use = $(HOME)/%(nowhere)");
        expanded();
        assertEquals(List.of("f:1:15: %(nowhere): no such key is defined"), problems.errors());
    }

    @Test
    void whatCameFromTheEnvironmentIsNotExpandedAgain() {
        line("use = $(TRICKY)");
        assertEquals("%(use) @(x)", expanded().values().getFirst().text());
    }

    @Test
    void nameMayComeFromTheEnvironment() {
        line("use = %($(NAME))");
        line("base = /srv");
        assertEquals("/srv", expanded().values().getFirst().text());
    }

    @Test
    void brokenDefinitionIsReportedOnceAndBreaksItsUsers() {
        line("a = %(nowhere)");
        line("b = %(a)");
        Expansion expansion = expanded();
        assertEquals(1, problems.errors().size());
        assertTrue(expansion.values().get(0).broken());
        assertTrue(expansion.values().get(1).broken());
    }

    @Test
    void cycleIsReportedOnce() {
        line("a = %(b)");
        line("b = %(a)");
        expanded();
        assertEquals(List.of("f:2:5: %(a) leads back to itself: a → b → a"), problems.errors());
    }

    @Test
    void keysWithVerbatimValuesReferToNothing() {
        line("log = %(method)");
        line("method = x");
        Expansion expansion = expanded();
        assertEquals("%(method)", expansion.values().getFirst().text());
        assertFalse(expansion.isReferenced("method"));
    }

    private void line(String line) {
        int equals = line.indexOf('=');
        SourceText text = SourceText.line("f", entries.size() + 1, line);
        SourceText key = text.slice(0, equals).trimmed();
        SourceText value = text.slice(equals + 1, line.length()).trimmed();
        entries.add(new Entry(Kind.SETTING, Origin.FILE, key.toString(), key.start(), value, false, Path.of("/")));
    }

    private Expansion expanded() {
        return new Expansion(entries, Map.of("HOME", "/home/of/someone", "TRICKY", "%(use) @(x)", "NAME", "base"),
                UnaryOperator.identity(), Set.of("log"), problems);
    }
}
