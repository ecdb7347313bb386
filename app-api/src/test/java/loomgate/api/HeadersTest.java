package loomgate.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadersTest {

    @Test
    void fieldsKeepTheirOrderAndTheirRepeats() {
        Headers headers = Headers.of("Accept", "a", "Cookie", "x=1").with("accept", "b");

        List<String> seen = new ArrayList<>();
        headers.forEach((name, value) -> seen.add(name + "=" + value));

        assertEquals(List.of("Accept=a", "Cookie=x=1", "accept=b"), seen);
        assertEquals(3, headers.size());
        assertEquals("Accept: a\nCookie: x=1\naccept: b\n", headers.toString());
    }

    @Test
    void namesAreComparedWithoutCase() {
        Headers headers = Headers.of("Content-Type", "text/plain", "SET-COOKIE", "a=1", "Set-Cookie", "b=2");

        assertEquals(Optional.of("text/plain"), headers.first("content-TYPE"));
        assertEquals(List.of("a=1", "b=2"), headers.all("set-cookie"));
        assertTrue(headers.contains("content-type"));
        assertFalse(headers.without("set-COOKIE").contains("Set-Cookie"));
        assertEquals(1, headers.without("set-COOKIE").size());
    }

    @Test
    void absentNameHasNoValue() {
        assertEquals(Optional.empty(), Headers.empty().first("Host"));
        assertEquals(List.of(), Headers.empty().all("Host"));
        assertEquals(Headers.of("A", "1"), Headers.of("A", "1").without("Host"));
    }

    @Test
    void addingAFieldLeavesTheOriginalAsItWas() {
        Headers one = Headers.of("A", "1");
        one.with("B", "2");

        assertEquals(Headers.of("A", "1"), one);
    }

    @Test
    void theCallersArrayIsNotKept() {
        String[] fields = {"A", "1"};
        Headers headers = Headers.of(fields);
        fields[1] = "evil\r\nSet-Cookie: x";

        assertEquals(Optional.of("1"), headers.first("A"));
    }

    @Test
    void equalityIsThatOfTheFieldsAsWritten() {
        assertEquals(Headers.of("A", "1"), Headers.empty().with("A", "1"));
        assertEquals(Headers.of("A", "1").hashCode(), Headers.empty().with("A", "1").hashCode());
        assertNotEquals(Headers.of("A", "1"), Headers.of("a", "1"));
    }

    @Test
    void nameWithoutValueIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Headers.of("A", "1", "B"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "X-1", "!#$%&'*+-.^_`|~", "0"})
    void tokensAreNames(String name) {
        assertEquals(Optional.of("v"), Headers.of(name, "v").first(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "A B", "A:", "A\r\nB", "A\n", "A\0", "Ä", "(a)", "a/b", "\"a\"", "A\t", "\u007f",
            "{a}"})
    void whatIsNoTokenIsRefusedAsAName(String name) {
        assertThrows(IllegalArgumentException.class, () -> Headers.of(name, "v"));
        assertThrows(IllegalArgumentException.class, () -> Headers.empty().with(name, "v"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "tab\tinside", "quoted \"text\"", "latin-1: \u00e4\u00ff"})
    void latin1TextIsAValue(String value) {
        assertEquals(Optional.of(value), Headers.of("A", value).first("A"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nB: c", "a\rb", "a\nb", "a\0b", "\u007f", "\u001b[31m", "\u20ac", "\u010a"})
    void controlCharactersAndWiderTextAreRefusedAsAValue(String value) {
        assertThrows(IllegalArgumentException.class, () -> Headers.of("A", value));
        assertThrows(IllegalArgumentException.class, () -> Headers.empty().with("A", value));
    }

    @Test
    void refusalsShowTheCharacterWithoutRepeatingIt() {
        String message = assertThrows(IllegalArgumentException.class, () -> Headers.of("A", "x\r\ny")).getMessage();

        assertEquals("the value of header A has a character that is not allowed: x\\u000d\\u000ay", message);
    }

    @Test
    void nullIsRefused() {
        assertThrows(NullPointerException.class, () -> Headers.of("A", null));
        assertThrows(NullPointerException.class, () -> Headers.of(null, "v"));
    }
}
