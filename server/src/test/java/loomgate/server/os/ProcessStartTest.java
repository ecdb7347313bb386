package loomgate.server.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ProcessStartTest {

    private static final String REST = " 1 4711 4711 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 8675309 1 2 3\n";

    @Test
    void namesMayContainAnything() {
        for (String name : new String[] {"(java)", "(a b)", "(a) S 1 (b)", "())", "(\n)"}) {
            assertEquals(OptionalLong.of(8675309), ProcessStart.parsed("4711 " + name + " S" + REST), name);
        }
    }

    @Test
    void whoIsOnlyToBeReapedIsGone() {
        assertEquals(OptionalLong.empty(), ProcessStart.parsed("4711 (java) Z" + REST));
        assertEquals(OptionalLong.empty(), ProcessStart.parsed("4711 (java) X" + REST));
        assertEquals(OptionalLong.empty(), ProcessStart.parsed(""));
    }

    @Test
    void thisProcessHasOne() {
        assertTrue(ProcessStart.of(ProcessHandle.current().pid()).isPresent());
        assertEquals(OptionalLong.empty(), ProcessStart.of(Integer.MAX_VALUE));
    }
}
