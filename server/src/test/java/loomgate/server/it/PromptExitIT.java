package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The end of a worker's JVM. HotSpot's own part of it, the wait for threads inside the kernel, is an operation that its
/// log tells of.
@Timeout(60)
class PromptExitIT {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            prompt     | jvm-opt = -Xmx64m                         | master = true
            prompt     | jvm-opt = -Xmx64m                         | master = false
            HotSpot's  | jvm-opt = -XX:+UnlockDiagnosticVMOptions  | master = true
            HotSpot's  | env = JAVA_TOOL_OPTIONS=-Da=b             | master = true
            """)
    void whatJavaDoesAtItsEndIsDoneInAnyCase(String end, String option, String master) throws Exception {
        try (RunningServer server = RunningServer.start("""
                http = 127.0.0.1:0
                module = loomgate.server.it.app.HookedApplication
                jvm-classpath = %s
                jvm-opt = -Xlog:vmoperation=debug:file=vm.log
                %s
                %s
                """.formatted(RunningServer.TEST_CLASSES, option, master)).awaitReady(1)) {
            assertTrue(Client.http(server.port(0)).get("/").text().startsWith("HTTP/1.1 204 "));
            long worker = master.endsWith("true") ? server.workers().getFirst() : server.pid();
            Path performanceData = performanceDataOf(worker);
            assertTrue(Files.exists(performanceData));
            assertTrue(Files.exists(server.folder().resolve("temporary")));
            server.signal("TERM");
            assertEquals(0, server.exitStatus());

            assertTrue(Files.exists(server.folder().resolve("hook")), "the hook has run to its end");
            assertFalse(Files.exists(server.folder().resolve("temporary")));
            assertFalse(Files.exists(performanceData));
            try (Stream<String> operations = Files.lines(server.folder().resolve("vm.log"))) {
                assertEquals(!end.equals("prompt"), operations.anyMatch(line -> line.contains(": Exit, ")));
            }
            server.succeeded();
        }
    }

    private static Path performanceDataOf(long pid) {
        return Path.of("/tmp", "hsperfdata_" + System.getProperty("user.name"), Long.toString(pid));
    }
}
