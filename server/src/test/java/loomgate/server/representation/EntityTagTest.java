package loomgate.server.representation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntityTagTest {

    @ParameterizedTest
    @ValueSource(strings = {"\"\"", "\"a\"", "W/\"a\"", "\"!#,W/\u00ff\""})
    void tagsAreWhatTheyWere(String text) {
        assertEquals(text, EntityTag.parse(text).orElseThrow().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "*", "a", "\"a", "a\"", "w/\"a\"", "W/a", "W/ \"a\"", "\"a b\"", "\"a\"\"", "'a'",
            "\"a\" ", "\"a\", \"b\"", "\"\u007f\""})
    void anythingElseIsNoTag(String text) {
        assertEquals(Optional.empty(), EntityTag.parse(text));
    }

    /// The table of RFC 9110 section 8.8.3.2.
    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', value = {
        "W/\"1\", W/\"1\", false, true", "W/\"1\", W/\"2\", false, false", "W/\"1\", \"1\", false, true",
        "\"1\", \"1\", true, true"})
    void comparisonIsStrongOrWeak(String one, String other, boolean isStrong, boolean isWeak) {
        EntityTag a = EntityTag.parse(one).orElseThrow();
        EntityTag b = EntityTag.parse(other).orElseThrow();
        assertEquals(isStrong, a.equalsStrongly(b));
        assertEquals(isStrong, b.equalsStrongly(a));
        assertEquals(isWeak, a.equalsWeakly(b));
        assertEquals(isWeak, b.equalsWeakly(a));
    }

    @Test
    void listsMayHaveBlanksAndEmptyMembers() {
        assertEquals(List.of(new EntityTag("a", false), new EntityTag("b,c", true), new EntityTag("d", false)),
                EntityTag.parseList(" ,, \"a\" ,\tW/\"b,c\",\"d\" , "));
        assertEquals(List.of(), EntityTag.parseList(""));
    }

    @Test
    void listIsReadUpToTheFirstMistake() {
        assertEquals(List.of(new EntityTag("a", false)), EntityTag.parseList("\"a\", b, \"c\""));
        assertEquals(List.of(), EntityTag.parseList("\"a\" \"b\""));
        assertEquals(List.of(), EntityTag.parseList("*, \"a\""));
    }

    @Test
    void longListsAreReadInNoTime() {
        List<EntityTag> tags = EntityTag.parseList("\"a\", ".repeat(10_000));
        assertEquals(10_000, tags.size());
        assertTrue(EntityTag.parseList(", ".repeat(30_000)).isEmpty());
        assertFalse(EntityTag.parseList("\"" + "x".repeat(60_000) + "\"").isEmpty());
    }
}
