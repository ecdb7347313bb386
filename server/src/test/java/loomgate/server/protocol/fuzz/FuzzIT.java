package loomgate.server.protocol.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A short run of the fuzzer; `scripts/fuzz` makes a long one.
@Timeout(120)
class FuzzIT {

    private static final Duration TIME = Duration.ofSeconds(8);

    @ParameterizedTest
    @EnumSource(FuzzRun.Target.class)
    void nothingIsFound(FuzzRun.Target target, @TempDir Path folder) throws Exception {
        FuzzRun.Result result =
                new FuzzRun(target, folder).start(TIME, new PrintStream(OutputStream.nullOutputStream()));
        System.out.println(target + ": " + result.executions() + " executions, " + result.edges() + " edges");
        assertEquals("", result.find());
        assertTrue(result.executions() > 1000, "hardly anything was tried: " + result);
        assertTrue(result.edges() > 200, "the parser's coverage was not measured: " + result);
    }
}
