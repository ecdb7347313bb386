package loomgate.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class NameTableTest {

    private final String[] names = {"GET", "GOT", "POST", "PUT", "X"};
    private final NameTable table = new NameTable(names);

    @Test
    void everyNameIsFoundByItsBytes() {
        for (int i = 0; i < names.length; i++) {
            byte[] bytes = bytes("<" + names[i] + ">");
            assertEquals(i, table.index(bytes, 1, bytes.length - 1));
            assertSame(names[i], table.text(bytes, 1, bytes.length - 1));
        }
    }

    @Test
    void otherBytesAreTextOfTheirOwn() {
        for (String other : new String[] {"get", "GE", "GETS", "GxT", "\u00e4", ""}) {
            byte[] bytes = bytes(other);
            assertEquals(-1, table.index(bytes, 0, bytes.length), other);
            assertEquals(other, table.text(bytes, 0, bytes.length));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
