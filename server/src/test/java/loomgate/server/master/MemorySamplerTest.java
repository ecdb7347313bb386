package loomgate.server.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MemorySamplerTest {

    @Test
    void pagesAreCountedInBytes() {
        assertEquals(new MasterEvent.MemorySeen(7, 2_000L * 4096, 300L * 4096),
                MemorySampler.parse(7, "2000 300 200 1 0 100 0\n", 4096));
    }

    @Test
    void pagesAreAPowerOfTwo() throws Exception {
        long bytes = MemorySampler.pageBytes();
        assertTrue(bytes >= 4096 && Long.bitCount(bytes) == 1, () -> "" + bytes);
    }
}
