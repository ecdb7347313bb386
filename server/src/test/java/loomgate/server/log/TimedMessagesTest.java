package loomgate.server.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimedMessagesTest {

    private final List<String> writes = new ArrayList<>();

    private PrintStream at(String instant, String zone) {
        PrintStream to = new PrintStream(new ByteArrayOutputStream() {
            @Override
            public void write(byte[] bytes, int offset, int length) {
                writes.add(new String(bytes, offset, length, StandardCharsets.UTF_8));
            }
        }, true, StandardCharsets.UTF_8);
        return new TimedMessages(to, Clock.fixed(Instant.parse(instant), ZoneId.of(zone)));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-01-02T03:04:05.006789Z, UTC, 2026-01-02T03:04:05.006Z",
        "2026-11-23T10:00:00Z, UTC, 2026-11-23T10:00:00.000Z",
        "2026-12-31T23:59:59.999Z, Asia/Kathmandu, 2027-01-01T05:44:59.999+05:45",
        "2026-06-30T12:00:00.100Z, America/New_York, 2026-06-30T08:00:00.100-04:00",
    })
    void messageHasTheLocalTimeBeforeIt(String instant, String zone, String time) {
        at(instant, zone).println("INFO ready");
        assertEquals(List.of(time + " INFO ready\n"), writes, "in one write");
    }

    @Test
    void stackBehindAMessageHasNone() {
        Exception thrown = new Exception("no luck");
        thrown.setStackTrace(new StackTraceElement[] {new StackTraceElement("Shop", "sell", "Shop.java", 7)});
        thrown.printStackTrace(at("2026-01-02T03:04:05Z", "UTC"));
        assertEquals(List.of("java.lang.Exception: no luck\n", "\tat Shop.sell(Shop.java:7)\n"), writes);
    }

    @Test
    void messageKeepsItsCharacters() {
        at("2026-01-02T03:04:05Z", "UTC").println("größer");
        assertEquals(List.of("2026-01-02T03:04:05.000Z größer\n"), writes);
    }
}
