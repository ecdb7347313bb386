package loomgate.server.protocol.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HttpDateTest {

    private final AtomicReference<Instant> now = new AtomicReference<>();
    private final HttpDate date = new HttpDate(now::get);

    private byte[] fieldAt(String instant) {
        now.set(Instant.parse(instant));
        return date.field();
    }

    private static String text(byte[] field) {
        return new String(field, StandardCharsets.US_ASCII);
    }

    @Test
    void fieldIsMadeOnceASecond() {
        byte[] field = fieldAt("1994-11-06T08:49:37.000Z");
        assertEquals("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", text(field));
        assertSame(field, fieldAt("1994-11-06T08:49:37.999Z"));
        assertEquals("Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n", text(fieldAt("1994-11-06T08:49:38.000Z")));
    }

    @Test
    void monthsAndDaysHaveTheNamesOfTheGrammar() {
        String[] months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        String[] days = {"Sun", "Wed", "Wed", "Sat", "Mon", "Thu", "Sat", "Tue", "Fri", "Sun", "Wed", "Fri"}; // of 2023
        for (int i = 0; i < 12; i++) {
            assertEquals("Date: " + days[i] + ", 01 " + months[i] + " 2023 00:00:00 GMT\r\n",
                    text(fieldAt("2023-%02d-01T00:00:00Z".formatted(i + 1))));
        }
    }

    @Test
    void aClockThatIsSetBackIsFollowed() {
        fieldAt("2026-11-23T00:00:00Z");
        assertEquals("Date: Sun, 22 Nov 2026 23:59:59 GMT\r\n", text(fieldAt("2026-11-22T23:59:59Z")));
    }
}
