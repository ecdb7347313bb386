package loomgate.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import loomgate.server.net.ArrayTransport;
import loomgate.server.net.ArrayTransport.Then;
import loomgate.server.net.ByteInput;
import loomgate.server.net.PeerGone;
import org.junit.jupiter.api.Test;

class FixedLengthBodyTest {

    @Test
    void endsAfterItsBytesWhateverFollows() throws Exception {
        ByteInput input = new ByteInput(ArrayTransport.of("hello, next"), 64, 64);
        FixedLengthBody body = new FixedLengthBody(input, 5);
        assertEquals(5, body.unread());
        assertEquals('h', body.read());
        assertEquals(4, body.unread());
        assertEquals(4, body.available());
        assertEquals("ello", text(body.readAllBytes()));
        assertEquals(-1, body.read());
        assertEquals(0, body.unread());
        assertEquals(6, input.available());
    }

    @Test
    void wantedBytesAreReadAcrossPortions() throws Exception {
        FixedLengthBody body = body(10, "0", "12", "3456", "789");
        assertEquals("01234", text(body.readNBytes(5)));
        assertEquals("56789", text(body.readNBytes(100)));
        assertEquals("", text(body.readNBytes(100)));
    }

    @Test
    void largeBodiesAreReadWhole() throws Exception {
        String large = "0123456789".repeat(10_000);
        assertEquals(large, text(body(100_000, large).readNBytes(100_001)));
    }

    @Test
    void failureIsFinal() {
        FixedLengthBody body = body(5, "abc");
        BadRequest first = assertThrows(BadRequest.class, body::readAllBytes);
        assertEquals(400, first.status());
        assertEquals("the connection ended after 3 of the body's 5 bytes", first.getMessage());
        assertSame(first, assertThrows(BadRequest.class, body::read));
        assertEquals(RequestBody.UNKNOWN, body.unread());
    }

    @Test
    void silenceIs408() {
        ByteInput input = new ByteInput(ArrayTransport.of(Then.FALLS_SILENT, "abc"), 64, 64);
        FixedLengthBody body = new FixedLengthBody(input, 5);
        assertEquals(408, assertThrows(BadRequest.class, body::readAllBytes).status());
        assertEquals(RequestBody.UNKNOWN, body.unread());
    }

    @Test
    void aPeerThatHasGoneIsNoBadRequest() {
        ByteInput input = new ByteInput(ArrayTransport.of(Then.IS_GONE, "abc"), 64, 64);
        FixedLengthBody body = new FixedLengthBody(input, 5);
        assertThrows(PeerGone.class, body::readAllBytes);
    }

    @Test
    void closingChangesNothing() throws Exception {
        FixedLengthBody body = body(3, "abc");
        body.close();
        assertEquals("abc", text(body.readAllBytes()));
    }

    private static FixedLengthBody body(long length, String... portions) {
        return new FixedLengthBody(new ByteInput(ArrayTransport.of(portions), 64, 64), length);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
