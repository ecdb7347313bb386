package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// A server that was started as its users start it: `java -jar loomgate.jar app.ini`, in a folder of its own, which is
/// kept and whose log is printed if the test did not get as far as [#succeeded()].
final class RunningServer implements AutoCloseable {

    static final Path JAR = Path.of(System.getProperty("loomgate.jar", "target/loomgate.jar")).toAbsolutePath();
    static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    /// The applications of the tests without the tests: each start of a server copies its class path.
    static final Path TEST_CLASSES = applications();

    /// Module and class path of [loomgate.server.it.app.TestApplication].
    static final String TEST_APPLICATION = """
            module = loomgate.server.it.app.TestApplication
            jvm-classpath = %s
            jvm-opt = -Xmx128m
            """.formatted(TEST_CLASSES);

    /// Module and class path of [loomgate.server.it.app.UnrulyApplication].
    static final String UNRULY_APPLICATION = """
            module = loomgate.server.it.app.UnrulyApplication
            jvm-classpath = %s
            """.formatted(TEST_CLASSES);

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MOST_PRINTED = 20_000; // characters of the log, when a test has failed

    private final Path folder;
    private final Process process;
    private boolean hasSucceeded;
    private boolean leavesFolder;

    private RunningServer(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
    }

    private static Path applications() {
        Path all = Path.of("target/test-classes").toAbsolutePath();
        Path some = Path.of("target/test-applications").toAbsolutePath();
        try (Stream<Path> classes = Files.walk(all.resolve("loomgate/server/it/app"))) {
            for (Path file : classes.filter(Files::isRegularFile).toList()) {
                Path copy = some.resolve(all.relativize(file));
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            }
            return some;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Starts a server with `[uwsgi]` and these lines as its INI, in a new folder that relative paths refer to. Does
    /// not wait for anything.
    static RunningServer start(String ini, String... arguments) throws IOException {
        return startIn(Files.createTempDirectory("loomgate-it"), ini, arguments);
    }

    static RunningServer startIn(Path folder, String ini, String... arguments) throws IOException {
        Files.writeString(folder.resolve("app.ini"), "[uwsgi]\n" + ini);
        return startCommand(folder, folder, command("app.ini", arguments));
    }

    /// As [#start], but standard output and error are a pipe, from which the log is copied.
    static RunningServer startWithPipe(String ini, String... arguments) throws IOException {
        Path folder = Files.createTempDirectory("loomgate-it");
        Files.writeString(folder.resolve("app.ini"), "[uwsgi]\n" + ini);
        Process process = new ProcessBuilder(command("app.ini", arguments))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        Thread.ofPlatform().daemon().start(() -> copyToLog(process.getInputStream(), folder.resolve("log")));
        return new RunningServer(folder, process);
    }

    private static void copyToLog(InputStream output, Path log) {
        try (output; OutputStream to = Files.newOutputStream(log)) {
            output.transferTo(to);
        } catch (IOException _) {
            // the process was ended, which closes this side of its pipe
        }
    }

    /// Starts a command that runs a server, whose log goes to the folder.
    static RunningServer startCommand(Path folder, Path directory, List<String> command) throws IOException {
        return startCommand(folder, directory, command, Map.of());
    }

    static RunningServer startCommand(
            Path folder, Path directory, List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
        builder.environment().putAll(environment);
        return new RunningServer(folder, builder.start());
    }

    /// One that was started in a way of its own, with the folder's `log` as its output.
    static RunningServer of(Path folder, Process process) {
        return new RunningServer(folder, process);
    }

    /// What starts a server with an INI file.
    static List<String> command(String ini, String... arguments) {
        List<String> command = new ArrayList<>(List.of(JAVA.toString(), "-Xmx64m", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-jar", JAR.toString(), ini));
        command.addAll(List.of(arguments));
        return command;
    }

    /// Waits until so many workers are ready.
    RunningServer awaitReady(int workers) {
        awaitLog(": ready after \\d+ ms", workers);
        return this;
    }

    /// Waits until the log has so many matches of a regular expression.
    void awaitLog(String regex, int times) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> {
            if (matches(regex).size() >= times) {
                return true;
            }
            if (!process.isAlive() && matches(regex).size() < times) {
                throw new AssertionError("the server ended with " + process.exitValue() + " before it logged " + regex
                        + "\n" + log());
            }
            return false;
        });
    }

    /// Warnings and errors, but those that tell of a machine with too much to do and not of the server.
    List<String> complaints() {
        return matches(" (WARN|ERROR) (?!virtual threads have been|carriers are kept|master pid \\d+ did not run)"
                + "[^\n]*").stream().map(MatchResult::group).toList();
    }

    List<MatchResult> matches(String regex) {
        return Pattern.compile(regex).matcher(log()).results().toList();
    }

    String log() {
        try {
            return Files.exists(folder.resolve("log")) ? Files.readString(folder.resolve("log")) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path folder() {
        return folder;
    }

    long pid() {
        return process.pid();
    }

    /// The port that the kernel chose for the n-th TCP listener, from 0.
    int port(int listener) {
        awaitLog("listening for \\w+ on \\S*:\\d+\n", listener + 1);
        return Integer.parseInt(
                Pattern.compile("listening for \\w+ on \\S*:(\\d+)\n").matcher(log()).results().toList()
                        .get(listener).group(1));
    }

    /// The pids of the workers that are alive, as the master's children. One that has just been replaced may be among
    /// them, and end while it is looked at.
    List<Long> workers() {
        return process.descendants().map(ProcessHandle::pid).filter(ProcessFiles::isAlive).sorted().toList();
    }

    /// The pids of the workers that became ready in a generation, by the log.
    List<Long> workers(int generation) {
        return matches("worker \\d+ gen " + generation + " pid (\\d+): ready after").stream()
                .map(ready -> Long.parseLong(ready.group(1))).toList();
    }

    /// The process that was started and all that come from it.
    List<ProcessHandle> processes() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    }

    /// The pids of all these.
    List<Long> pids() {
        return processes().stream().map(ProcessHandle::pid).toList();
    }

    void signal(String name) throws IOException, InterruptedException {
        signal(name, process.pid());
    }

    /// All get it at once, as far as that is possible.
    static void signal(String name, long... pids) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        LongStream.of(pids).mapToObj(Long::toString).forEach(command::add);
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + status);
        }
    }

    /// Waits for the master's end and returns its exit status.
    int exitStatus() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the server does not end\n" + log());
        }
        return process.exitValue();
    }

    /// Stops it, which must go well. To be called last in a test.
    void assertStops() throws IOException, InterruptedException {
        signal("TERM");
        assertEquals(0, exitStatus());
        succeeded();
    }

    /// To be called last in a test: nothing has to be kept to find out what went wrong.
    void succeeded() {
        hasSucceeded = true;
    }

    /// As [#succeeded()], of a server whose folder the next one is to find.
    void succeededAndLeavesItsFolder() {
        hasSucceeded = true;
        leavesFolder = true;
    }

    /// Ends whatever is left, workers too, and removes the folder unless the test failed.
    @Override
    public void close() throws IOException {
        List<ProcessHandle> all = processes();
        end(process);
        all.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
        if (hasSucceeded && leavesFolder) {
            return;
        }
        if (hasSucceeded) {
            delete(folder);
        } else {
            String log = log();
            System.err.println("kept: " + folder + "\n" + log.substring(Math.max(0, log.length() - MOST_PRINTED)));
        }
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    /// Asks a process to end, and sees to it.
    static void end(Process process) {
        process.destroy();
        try {
            process.onExit().get(10, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException _) {
            process.destroyForcibly();
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /// Something of the log for a message of an assertion.
    Optional<String> firstLine(String regex) {
        return log().lines().filter(line -> Pattern.compile(regex).matcher(line).find()).findFirst();
    }
}
