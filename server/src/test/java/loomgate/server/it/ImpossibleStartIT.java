package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/// Configurations that are right and cannot be carried out.
class ImpossibleStartIT {

    @Test
    void aWorkerThatCannotBeStartedEndsAFirstStart() throws Exception {
        String tooLong = "x".repeat(140_000); // the kernel takes strings up to 128 KiB
        try (RunningServer server =
                RunningServer.start("http = app.sock\nenv = LONG=" + tooLong + "\n" + RunningServer.TEST_APPLICATION)) {
            assertEquals(70, server.exitStatus());
            assertTrue(server.firstLine("worker 1 cannot be started: .*Argument list too long").isPresent(),
                    server.log());
            server.succeeded();
        }
    }

    @Test
    void aConfigurationThatCannotBeHandedOverIsRefused() throws Exception {
        StringBuilder variables = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            variables.append("set-ph = v").append(i).append('=').append("x".repeat(1000)).append('\n');
        }
        for (String master : List.of("true", "false")) {
            try (RunningServer server = RunningServer.start("http = app.sock\nmaster = " + master + "\n" + variables
                    + RunningServer.TEST_APPLICATION)) {
                assertEquals(78, server.exitStatus());
                assertTrue(server.firstLine("the configuration comes to 20\\d{4} bytes").isPresent(), server.log());
                server.succeeded();
            }
        }
    }
}
