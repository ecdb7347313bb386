package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the program says to those who get the command line or the INI wrong; the exit statuses are those of
/// `docs/operations.md`.
@Timeout(60)
class CommandLineIT {

    @TempDir
    Path folder;

    private record Result(int status, String output) {

        Result {
            assertFalse(output.contains("\tat "), output);
            assertFalse(output.contains("Exception"), output);
        }
    }

    @Test
    void withoutArgumentsItAsksForAFile() throws Exception {
        Result result = run();
        assertEquals(64, result.status());
        assertTrue(result.output().startsWith("what is to be started? Name an INI file.\n"), result.output());
    }

    @Test
    void anUnknownWordIsToldWithTheUsage() throws Exception {
        Result result = run("frobnicate");
        assertEquals(64, result.status());
        assertTrue(result.output().startsWith("there is no command 'frobnicate'"), result.output());
    }

    @Test
    void aFileThatDoesNotExistIsNamed() throws Exception {
        assertOneLine(78, run("missing.ini"), "missing.ini");
    }

    @Test
    void anUnknownOptionIsToldWithTheNearest() throws Exception {
        Files.writeString(folder.resolve("app.ini"), "[uwsgi]\nmodule = shop.App\nsocket = app.sock\nproceses = 2\n");
        assertOneLine(78, run("app.ini"), "app.ini:4:1: ", "proceses", "processes");
        Files.writeString(folder.resolve("app.ini"), "[uwsgi]\nmodule = shop.App\nsocket = app.sock\n");
        assertOneLine(78, run("app.ini", "--proceses", "2"), "command line: proceses", "processes");
    }

    @Test
    void aBadNumberIsToldWithItsPlace() throws Exception {
        Files.writeString(folder.resolve("app.ini"), "[uwsgi]\nmodule = shop.App\nsocket = app.sock\nprocesses = 2x\n");
        assertOneLine(78, run("app.ini"), "app.ini:4:13: processes: 'x' behind the number");
    }

    @Test
    void aMissingModuleIsTold() throws Exception {
        Files.writeString(folder.resolve("app.ini"), "[uwsgi]\nsocket = app.sock\n");
        assertOneLine(78, run("app.ini"), "app.ini", "module");
    }

    @Test
    void allMistakesAreToldAtOnceByCheckToo() throws Exception {
        Files.writeString(folder.resolve("app.ini"), "[uwsgi]\nprocesses = x\nlisten = y\n");
        Result result = run("check", "app.ini");
        assertEquals(78, result.status());
        assertEquals(4, result.output().lines().count(), result.output());
        assertFalse(Files.exists(folder.resolve("app.sock")));
    }

    @Test
    void aUnixPathThatIsTooLongIsTold() throws Exception {
        Files.writeString(folder.resolve("app.ini"), "[uwsgi]\nmodule = shop.App\nsocket = " + "x".repeat(108) + "\n");
        assertOneLine(78, run("app.ini"), "app.ini:3:10: ", "at most 107 bytes");
    }

    @Test
    void helpAndVersionAreNoFailure() throws Exception {
        for (String word : List.of("help", "--help", "-h")) {
            Result help = run(word);
            assertEquals(0, help.status());
            assertTrue(help.output().startsWith("usage: "), help.output());
        }
        Result version = run("--version");
        assertEquals(0, version.status());
        assertTrue(version.output().matches("loomgate \\S+, java 2.*\n"), version.output());
    }

    private static void assertOneLine(int status, Result result, String... parts) {
        assertEquals(status, result.status(), result.output());
        assertEquals(1, result.output().lines().count(), result.output());
        for (String part : parts) {
            assertTrue(result.output().contains(part), result.output());
        }
    }

    private Result run(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(RunningServer.JAVA.toString(), "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-jar", RunningServer.JAR.toString()));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        return new Result(process.exitValue(), output);
    }
}
