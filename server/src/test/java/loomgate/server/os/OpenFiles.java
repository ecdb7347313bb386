package loomgate.server.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What a process has open, by `/proc`. To be compared one by one: a number alone hides what was closed meanwhile, by a
/// collection of garbage for instance.
public final class OpenFiles {

    private OpenFiles() {}

    /// Number and name of each descriptor. A file that is deleted meanwhile keeps its name.
    public static Set<String> of(long pid) throws IOException {
        Set<String> open = new TreeSet<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    open.add(descriptor.getFileName() + " "
                            + Files.readSymbolicLink(descriptor).toString().replaceFirst(" \\(deleted\\)$", ""));
                } catch (IOException _) {
                    // closed meanwhile
                }
            }
        }
        open.removeIf(name -> name.endsWith("/proc/" + pid + "/fd")); // by which this was found out
        return open;
    }

    /// What a descriptor of this process is of.
    public static Path behind(int number) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/fd/" + number));
    }

    /// What this process has open now, that it had not before: sockets, and files in a folder.
    public static Set<String> socketsOrIn(Path folder, Set<String> before) throws IOException {
        Set<String> added = addedTo(before, ProcessHandle.current().pid());
        added.removeIf(name -> !name.contains(" socket:") && !name.contains(" " + folder));
        return added;
    }

    /// What this process has open.
    public static Set<String> ofThisProcess() throws IOException {
        return of(ProcessHandle.current().pid());
    }

    /// What a process has open now that it had not before.
    public static Set<String> addedTo(Set<String> before, long pid) throws IOException {
        Set<String> added = of(pid);
        added.removeAll(before);
        return added;
    }
}
