package loomgate.server.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class OpenFileLimitTest {

    private static final String HEAD = """
            Limit                     Soft Limit           Hard Limit           Units
            Max core file size        0                    unlimited            bytes
            """;

    @Test
    void isTheSoftOne() throws Exception {
        assertEquals(1024, OpenFileLimit.in(HEAD
                + "Max open files            1024                 524288               files     \n"));
        assertEquals(Long.MAX_VALUE, OpenFileLimit.in(HEAD
                + "Max open files            unlimited            unlimited            files     \n"));
        assertThrows(IOException.class, () -> OpenFileLimit.in(HEAD));
        assertTrue(OpenFileLimit.ofThisProcess() > 0);
    }
}
