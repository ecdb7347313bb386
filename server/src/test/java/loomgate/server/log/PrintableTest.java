package loomgate.server.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrintableTest {

    @Test
    void printableAsciiStaysAsItIs() {
        assertEquals("GET /a|b?c=%0a \\x0a~", Printable.of("GET /a|b?c=%0a \\x0a~", 100));
    }

    @Test
    void nothingElseReachesTheLog() {
        assertEquals("\\x1b[31m\\x9b31m\\x85\\x0a\\x00\\x7f\\xe4",
                Printable.of("\u001b[31m\u009b31m\u0085\n\0\u007f\u00e4", 100));
        assertEquals("\\u2028\\u202e\\ud83d\\ude00", Printable.of("\u2028\u202e\ud83d\ude00", 100));
    }

    @ParameterizedTest
    @CsvSource({"abc, 3, abc", "abcd, 3, abc...", "ab\u0085, 5, ab...", "ab\u0085, 6, ab\\x85", "ab\u2028, 7, ab..."})
    void whatIsTooLongEndsBetweenCharacters(String text, int most, String printed) {
        assertEquals(printed, Printable.of(text, most));
    }
}
