package loomgate.server.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PidFileTest {

    @ParameterizedTest
    @CsvSource({
        "true, java -Xmx64m -jar loomgate.jar app.ini",
        "true, /usr/bin/java -jar /srv/lib/loomgate-0.1.jar run as-daemon app.ini",
        "true, java -cp loomgate.jar loomgate.server.cli.Main app.ini",
        "true, java -cp loomgate.jar loomgate.server.cli.Main worker alone",
        "false, java -cp loomgate.jar loomgate.server.cli.Main worker 1",
        "false, java -jar other.jar app.ini",
        "false, vim loomgate.ini",
        "false, tail -f loomgate.jar",
        "false, java -jar",
        "false, ''",
    })
    void aServerIsKnownByItsCommand(boolean isServer, String command) {
        assertEquals(isServer, PidFile.isServer(List.of(command.split(" "))));
    }

    @Test
    void thisProcessIsNoOtherServer() throws IOException {
        assertFalse(PidFile.isServer(ProcessHandle.current().pid()));
    }

    @Test
    void aProcessThatIsGoneIsNoServer() throws IOException {
        assertFalse(PidFile.isServer(999_999_999));
    }
}
