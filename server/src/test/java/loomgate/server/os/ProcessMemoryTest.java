package loomgate.server.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessMemoryTest {

    @Test
    void theFirstTwoNumbersArePages() throws IOException {
        assertEquals(new ProcessMemory(14906 * 4096L, 2803 * 4096L), parsed("14906 2803 1200 1 0 5000 0\n", 4096));
    }

    @Test
    void pagesMayBeLarger() throws IOException {
        assertEquals(new ProcessMemory(2 * 65536L, 65536), parsed("2 1 0 0 0 0 0\n", 65536));
    }

    @Test
    void addressesBeyondFourGigabytesAreNumbersToo() throws IOException {
        assertEquals(new ProcessMemory(4_398_046_511_104L, 0), parsed("1073741824 0 0 0 0 0 0\n", 4096));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", " 1 2 ", "12", "12 ", "12 13", "12 -1 ", "a b c"})
    void anythingElseIsRefused(String text) {
        assertThrows(IOException.class, () -> parsed(text, 4096));
    }

    private static ProcessMemory parsed(String text, long pageBytes) throws IOException {
        return ProcessMemory.parsed(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), pageBytes);
    }
}
