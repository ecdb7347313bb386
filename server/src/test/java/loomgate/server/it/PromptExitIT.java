package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The end of a worker's JVM. HotSpot's own part of it, the wait for threads inside the kernel, is an operation that
/// its log tells of.
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
        try (RunningServer server = start("""
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

    @Test
    void aWorkerThatSomebodyHasLookedIntoLeavesNothingEither() throws Exception {
        try (RunningServer server = start("http = 127.0.0.1:0\n" + RunningServer.TEST_APPLICATION).awaitReady(1)) {
            long worker = server.workers().getFirst();
            Process looking = new ProcessBuilder(
                    RunningServer.JAVA.resolveSibling("jcmd").toString(), "" + worker, "VM.uptime")
                    .redirectErrorStream(true).start();
            String seen = new String(looking.getInputStream().readAllBytes());
            assertEquals(0, looking.waitFor(), seen);
            Path door = Path.of("/tmp", ".java_pid" + worker);
            assertTrue(Files.exists(door));
            server.assertStops();
            assertFalse(Files.exists(door));
            assertFalse(Files.exists(performanceDataOf(worker)));
        }
    }

    /// Whatever options the environment of the tests has for every JVM.
    private static RunningServer start(String ini) throws IOException {
        Path folder = Files.createTempDirectory("loomgate-it");
        Files.writeString(folder.resolve("app.ini"), "[uwsgi]\n" + ini);
        List<String> command = new ArrayList<>(List.of("env", "-u", "JAVA_TOOL_OPTIONS", "-u", "JDK_JAVA_OPTIONS",
                "-u", "_JAVA_OPTIONS", "-u", "LD_PRELOAD"));
        command.addAll(RunningServer.command("app.ini"));
        return RunningServer.startCommand(folder, folder, command);
    }

    private static Path performanceDataOf(long pid) {
        return Path.of("/tmp", "hsperfdata_" + System.getProperty("user.name"), Long.toString(pid));
    }
}
