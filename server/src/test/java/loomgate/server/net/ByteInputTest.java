package loomgate.server.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import loomgate.server.net.ArrayTransport.Then;
import org.junit.jupiter.api.Test;

class ByteInputTest {

    @Test
    void lookingAheadConsumesNothing() throws Exception {
        ByteInput input = new ByteInput(ArrayTransport.of("abc", "def"), 16, 16);
        assertTrue(input.fill());
        assertTrue(input.fill());
        assertEquals('a', input.peek(0));
        assertEquals('f', input.peek(5));
        assertEquals(6, input.available());
        assertArrayEquals(bytes("abcd"), input.take(4));
        assertEquals('e', input.peek(0));
    }

    @Test
    void growsUpToItsBoundAndNoFurther() throws Exception {
        ByteInput input = new ByteInput(ArrayTransport.of("0123456789"), 2, 7);
        while (input.available() < 7) {
            assertTrue(input.fill());
        }
        assertThrows(IllegalStateException.class, input::fill);
        assertArrayEquals(bytes("0123456"), input.take(7));
        assertTrue(input.fill());
        assertArrayEquals(bytes("789"), input.take(3));
        assertFalse(input.fill());
    }

    @Test
    void aPeerThatIsSilentGetsLittleMemoryUntilItSpeaks() throws Exception {
        List<Integer> offered = new ArrayList<>();
        ArrayTransport late = ArrayTransport.of("x".repeat(600), "y".repeat(600), "z".repeat(600));
        ByteInput input = new ByteInput(new ArrayTransport.Late(late, offered::add), 4096, 8192);
        assertTrue(input.fill());
        assertEquals(512, input.available());
        assertTrue(input.fill());
        assertTrue(input.fill());
        assertEquals(1200, input.available());
        input.consume(1200);
        assertTrue(input.fill());
        assertEquals(List.of(512, 4096 - 512, 4096 - 600, 4096), offered);
    }

    @Test
    void whatFollowsIsToldWithoutWaitingForAnybody() throws Exception {
        assertTrue(usedUp(Then.FALLS_SILENT, "0123", "4").hasMore());
        assertFalse(usedUp(Then.FALLS_SILENT, "0123").hasMore());
        assertFalse(usedUp(Then.ENDS, "0123").hasMore());
        assertThrows(PeerGone.class, () -> usedUp(Then.IS_GONE, "0123").hasMore());
    }

    @Test
    void whereTheLastReadingHadRoomForMoreThereIsNone() throws Exception {
        assertFalse(usedUp(Then.IS_GONE, "012").hasMore(), "and nobody is asked");
    }

    /// With a buffer of four bytes, of which all that was read first has been used.
    private static ByteInput usedUp(Then then, String... portions) throws Exception {
        ByteInput input = new ByteInput(ArrayTransport.of(then, portions), 4, 4);
        assertTrue(input.fill());
        input.consume(input.available());
        return input;
    }

    @Test
    void keepsWhatIsThereWhenItMakesRoom() throws Exception {
        ByteInput input = new ByteInput(ArrayTransport.of("012345", "6789"), 6, 6);
        input.fill();
        input.consume(2);
        input.fill();
        assertArrayEquals(bytes("234567"), input.take(6));
        input.fill();
        assertArrayEquals(bytes("89"), input.take(2));
    }

    @Test
    void expectedBytesFitWithoutMovingAgain() throws Exception {
        ArrayTransport transport = ArrayTransport.of("01", "23456789");
        ByteInput input = new ByteInput(transport, 2, 100);
        input.fill();
        input.expect(10);
        input.fill();
        assertArrayEquals(bytes("0123456789"), input.take(10));
        assertEquals(2, transport.reads());
        assertThrows(IllegalArgumentException.class, () -> input.expect(101));
    }

    @Test
    void readsWhatIsBufferedBeforeTheTransport() throws Exception {
        ByteInput input = new ByteInput(ArrayTransport.of("head+bo", "dy"), 16, 16);
        input.fill();
        input.consume(5);
        byte[] into = new byte[20];
        assertEquals(2, input.read(into, 1, 19));
        assertEquals(2, input.read(into, 3, 17));
        assertEquals("\0body\0", new String(into, 0, 6, StandardCharsets.US_ASCII));
        assertEquals(-1, input.read(into, 0, 20));
        assertTrue(input.isEnded());
    }

    @Test
    void largeReadsPassTheBufferAndSmallOnesUseIt() throws Exception {
        ArrayTransport transport = ArrayTransport.of("0123456789", "abcdefgh");
        ByteInput input = new ByteInput(transport, 8, 8);
        byte[] into = new byte[10];
        assertEquals(10, input.read(into, 0, 10));
        assertEquals(0, input.available());
        assertEquals(1, input.read(into, 0, 1));
        assertEquals(7, input.available());
        assertEquals(2, transport.reads());
    }

    @Test
    void readingNothingDoesNotBlock() throws Exception {
        ArrayTransport transport = ArrayTransport.of(Then.FALLS_SILENT);
        assertEquals(0, new ByteInput(transport, 8, 8).read(new byte[0], 0, 0));
        assertEquals(0, transport.reads());
    }

    @Test
    void moreThanIsAvailableCannotBeConsumed() throws Exception {
        ByteInput input = new ByteInput(ArrayTransport.of("abc"), 8, 8);
        input.fill();
        assertThrows(IllegalArgumentException.class, () -> input.consume(4));
        assertThrows(IllegalArgumentException.class, () -> input.take(4));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
