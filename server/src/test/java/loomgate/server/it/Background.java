package loomgate.server.it;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A server that was told to go into the background, in a folder of its own, and the command that started it. Whatever
/// runs in that folder is ended with the test.
final class Background implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path folder;
    private final Process starter;
    private boolean hasSucceeded;

    private Background(Path folder, Process starter) {
        this.folder = folder;
        this.starter = starter;
    }

    /// Starts it with these lines, `daemonize = app.log` and `pidfile = app.pid`.
    static Background start(String ini, Map<String, String> environment, String... arguments) throws IOException {
        Path folder = Files.createTempDirectory("loomgate-it");
        Files.writeString(folder.resolve("app.ini"),
                "[uwsgi]\ndaemonize = app.log\npidfile = app.pid\nvacuum = true\n" + ini);
        return startCommand(folder, environment, RunningServer.command("app.ini", arguments));
    }

    /// Starts a command that ends while a server goes on, in the folder.
    static Background startCommand(Path folder, Map<String, String> environment, List<String> command)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("terminal").toFile());
        builder.environment().putAll(environment);
        return new Background(folder, builder.start());
    }

    static Background start(String ini, String... arguments) throws IOException {
        return start(ini, Map.of(), arguments);
    }

    Path folder() {
        return folder;
    }

    Process starter() {
        return starter;
    }

    /// What the command returned.
    int starterStatus() throws InterruptedException, IOException {
        if (!starter.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the starter waits\n" + terminal() + log());
        }
        return starter.exitValue();
    }

    /// What the command has printed.
    String terminal() throws IOException {
        return Files.readString(folder.resolve("terminal"));
    }

    String log() throws IOException {
        Path log = folder.resolve("app.log");
        return Files.exists(log) ? Files.readString(log) : "";
    }

    void awaitLog(String part) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> log().contains(part));
    }

    /// What the pid file says.
    long pid() throws IOException {
        return Long.parseLong(Files.readString(folder.resolve("app.pid")).strip());
    }

    /// Everything that runs in the folder, by `/proc`.
    List<ProcessHandle> processes() {
        return ProcessHandle.allProcesses().filter(process -> {
            try {
                return Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/cwd")).equals(folder);
            } catch (IOException _) {
                return false; // gone, or another user's
            }
        }).toList();
    }

    void awaitEnd() {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> processes().isEmpty());
    }

    /// To be called last in a test.
    void succeeded() {
        hasSucceeded = true;
    }

    @Override
    public void close() throws IOException {
        starter.destroyForcibly();
        processes().forEach(ProcessHandle::destroyForcibly);
        if (!hasSucceeded) {
            System.err.println("kept: " + folder + "\n" + terminal() + "\n" + log());
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
