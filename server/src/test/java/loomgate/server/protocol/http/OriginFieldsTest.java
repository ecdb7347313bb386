package loomgate.server.protocol.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import loomgate.server.net.ArrayTransport;
import loomgate.server.net.ByteOutput;
import org.junit.jupiter.api.Test;

class OriginFieldsTest {

    private final AtomicReference<Instant> now = new AtomicReference<>();
    private final OriginFields fields = new OriginFields(now::get);

    private String at(String instant) throws IOException {
        now.set(Instant.parse(instant));
        return made(false, true);
    }

    private String made(boolean hasDate, boolean hasServer) throws IOException {
        ArrayTransport transport = ArrayTransport.of();
        ByteOutput output = new ByteOutput(transport);
        int count = fields.putInto(output, hasDate, hasServer);
        output.flush();
        assertEquals(count, transport.written().lines().count());
        return transport.written();
    }

    @Test
    void dateFollowsTheSecond() throws IOException {
        assertEquals("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", at("1994-11-06T08:49:37.000Z"));
        assertEquals("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", at("1994-11-06T08:49:37.999Z"));
        assertEquals("Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n", at("1994-11-06T08:49:38.000Z"));
    }

    @Test
    void serverTellsNoVersion() throws IOException {
        now.set(Instant.EPOCH);
        assertEquals("Server: loomgate\r\n", made(true, false));
    }

    @Test
    void whatTheApplicationHasSetIsNotAdded() throws IOException {
        now.set(Instant.EPOCH);
        assertEquals("Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nServer: loomgate\r\n", made(false, false));
        assertEquals("", made(true, true));
    }

    @Test
    void monthsAndDaysHaveTheNamesOfTheGrammar() throws IOException {
        String[] months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        String[] days = {"Sun", "Wed", "Wed", "Sat", "Mon", "Thu", "Sat", "Tue", "Fri", "Sun", "Wed", "Fri"}; // of 2023
        for (int i = 0; i < 12; i++) {
            assertEquals("Date: " + days[i] + ", 01 " + months[i] + " 2023 00:00:00 GMT\r\n",
                    at("2023-%02d-01T00:00:00Z".formatted(i + 1)));
        }
    }

    @Test
    void aClockThatIsSetBackIsFollowed() throws IOException {
        at("2026-11-23T00:00:00Z");
        assertEquals("Date: Sun, 22 Nov 2026 23:59:59 GMT\r\n", at("2026-11-22T23:59:59Z"));
    }
}
