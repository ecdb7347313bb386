package loomgate.server.representation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.time.Year;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpDateTest {

    private static final long EXAMPLE = Instant.parse("1994-11-06T08:49:37Z").getEpochSecond();

    private static OptionalLong parse(String text) {
        return HttpDate.parse(text, Year.of(2026));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    void allThreeFormsAreTheSameMoment(String text) {
        assertEquals(OptionalLong.of(EXAMPLE), parse(text));
    }

    @Test
    void oneFormIsSent() {
        assertEquals("Sun, 06 Nov 1994 08:49:37 GMT", HttpDate.format(EXAMPLE));
    }

    @Test
    void whatIsSentIsUnderstood() {
        for (long second = 0; second < 4_000_000_000L; second += 86400 * 17 + 12345) {
            assertEquals(OptionalLong.of(second), parse(HttpDate.format(second)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "0", "-1", "yesterday", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000", "sun, 06 nov 1994 08:49:37 gmt", "Sun, 6 Nov 1994 08:49:37 GMT",
        "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994", "1994-11-06T08:49:37Z", "\"Sun, 06 Nov 1994\""})
    void anythingElseIsNoDate(String text) {
        assertEquals(OptionalLong.empty(), parse(text));
    }

    @Test
    void yearOfTwoDigitsIsNotMoreThanFiftyYearsAhead() {
        assertEquals(Instant.parse("2076-01-01T00:00:00Z").getEpochSecond(),
                parse("Wednesday, 01-Jan-76 00:00:00 GMT").orElseThrow());
        assertEquals(Instant.parse("1977-01-01T00:00:00Z").getEpochSecond(),
                parse("Saturday, 01-Jan-77 00:00:00 GMT").orElseThrow());
    }
}
