package loomgate.server.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import loomgate.server.os.ProcessStart;

/// What `/proc` tells of a process.
final class ProcessFiles {

    private ProcessFiles() {}

    /// Whether there is more of it than an exit status. What is only to be reaped, by process 1 or by this JVM, has
    /// ended; a [ProcessHandle] calls it alive.
    static boolean isAlive(long pid) {
        return ProcessStart.of(pid).isPresent();
    }

    /// Whether none of its threads runs until it gets SIGCONT.
    static boolean isStopped(long pid) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads.toList()) {
                if (!Files.readString(thread.resolve("status")).contains("\nState:\tT")) {
                    return false;
                }
            }
            return true;
        }
    }

    static long descriptors(long pid) {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return all.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static long residentBytes(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return 1024 * lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
