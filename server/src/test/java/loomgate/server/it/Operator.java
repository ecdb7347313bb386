package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Who types commands for a running server: each is a process of its own, by the program that the tests are of.
final class Operator {

    private Operator() {}

    /// What a command came to.
    record Result(int status, String output) {

        Result {
            assertFalse(output.contains("\tat "), output);
            assertFalse(output.contains("Exception"), output);
        }

        Result assertIs(int wanted, String... parts) {
            assertEquals(wanted, status, output);
            for (String part : parts) {
                assertTrue(output.contains(part), () -> part + " is not in: " + output);
            }
            return this;
        }
    }

    static Result run(RunningServer server, String... words) throws Exception {
        return result(start(server, words));
    }

    static Result runIn(Path directory, String... words) throws Exception {
        return result(start(directory, List.of(), RunningServer.JAR, words));
    }

    static Process start(RunningServer server, String... words) throws IOException {
        return start(server.folder(), List.of(), RunningServer.JAR, words);
    }

    /// @param prefix the words of a command that runs commands
    static Process start(Path directory, List<String> prefix, Path jar, String... words) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(RunningServer.JAVA.toString(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "-Xshare:auto", "-XX:-UsePerfData", "-jar", jar.toString()));
        command.addAll(List.of(words));
        return new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    }

    /// Waits for what a command says first.
    static String firstLine(Process process) throws IOException {
        return process.inputReader(StandardCharsets.UTF_8).readLine();
    }

    /// What a command came to, and what it has said that was not read yet.
    static Result result(Process process) throws Exception {
        StringWriter output = new StringWriter();
        process.inputReader(StandardCharsets.UTF_8).transferTo(output);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        return new Result(process.exitValue(), output.toString());
    }
}
