package loomgate.server.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class MasterSocketsTest {

    @Test
    void listenersOfTheNameAreFoundOnceAndConnectionsAreNot() {
        assertEquals(List.of(17, 4711), MasterSockets.pids("""
                Num       RefCount Protocol Flags    Type St Inode Path
                0000000000000000: 00000002 00000000 00010000 0001 01 24120 @loomgate/4711
                ffff9d3c0a7b4400: 00000003 00000000 00000000 0001 03 24121 @loomgate/4711
                ffff9d3c0a7b4400: 00000003 00000000 00000000 0001 03 24122
                ffff9d3c0a7b4401: 00000002 00000000 00010000 0001 01    17 @loomgate/17
                ffff9d3c0a7b4402: 00000002 00000000 00010000 0001 01 24123 @loomgate/0
                ffff9d3c0a7b4402: 00000002 00000000 00010000 0001 01 24123 @loomgate/12/x
                ffff9d3c0a7b4402: 00000002 00000000 00010000 0001 01 24123 @loomgate/99999999999999
                ffff9d3c0a7b4402: 00000002 00000000 00010000 0001 01 24123 @other/5
                ffff9d3c0a7b4402: 00000002 00000000 00010000 0001 01 24123 loomgate/6
                ffff9d3c0a7b4402: 00000002 00000000 00010000 0001 01 24123 /srv/@loomgate/7
                ffff9d3c0a7b4402: 00000002 00000000 00010000 0005 01 24123 @loomgate/8
                ffff9d3c0a7b4402: 00000002 00000000 00010000 0001 01 24123 @loomgate/
                """));
        assertEquals(List.of(), MasterSockets.pids(""));
    }
}
