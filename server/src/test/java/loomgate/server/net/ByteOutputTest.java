package loomgate.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ByteOutputTest {

    private final ArrayTransport transport = ArrayTransport.of();
    private final ByteOutput output = new ByteOutput(transport);

    @Test
    void gatheredPartsLeaveInOneWrite() throws Exception {
        output.put("text \u00e4 ");
        output.put(bytes("bytes "));
        output.put(bytes("xxpartxx"), 2, 4);
        assertEquals(List.of(), transport.writes());
        assertEquals(17, output.size());
        output.flush();
        assertEquals(List.of("text \u00e4 bytes part"), transport.writes());
        assertEquals(0, output.size());
    }

    @Test
    void numbersAreWrittenInFull() throws Exception {
        for (long number : new long[] {0, 9, 10, 4096, Long.MAX_VALUE}) {
            output.putDecimal(number);
            output.put(" ");
            output.putHexadecimal(number);
            output.put(" ");
        }
        output.flush();
        assertEquals("0 0 9 9 10 a 4096 1000 9223372036854775807 7fffffffffffffff ", transport.written());
    }

    @Test
    void nothingIsWrittenWhenNothingIsGathered() throws Exception {
        output.flush();
        output.put("x");
        output.discard();
        output.flush();
        assertEquals(List.of(), transport.writes());
    }

    @Test
    void bytesThatPassThroughFollowWhatIsGathered() throws Exception {
        output.put("first");
        output.writeThrough(bytes("[second]"), 1, 6);
        output.put("third");
        output.flush();
        assertEquals(List.of("first", "second", "third"), transport.writes());
    }

    @Test
    void aSourceThatEndsEarlyIsTold() throws Exception {
        assertEquals(3, output.putFrom(Channels.newChannel(new ByteArrayInputStream(bytes("abcdef"))), 3));
        assertEquals(2, output.putFrom(Channels.newChannel(new ByteArrayInputStream(bytes("gh"))), 3));
        output.flush();
        assertEquals("abcgh", transport.written());
    }

    @Test
    void largeMessagesAreGatheredToo() throws Exception {
        String large = "x".repeat(100_000);
        output.put(large);
        output.flush();
        output.put("y");
        output.flush();
        assertEquals(List.of(large, "y"), transport.writes());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
