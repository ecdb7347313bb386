package loomgate.server.master;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What this process has open.
final class OpenFiles {

    private static final Path NUMBERS = Path.of("/proc/self/fd");

    private OpenFiles() {}

    /// What a descriptor is of.
    static Path behind(int number) throws IOException {
        return Files.readSymbolicLink(NUMBERS.resolve(Integer.toString(number)));
    }

    /// Files in a folder, by the names that they had, and all sockets by their numbers in the kernel.
    static List<Path> inFolderOrSockets(Path folder) throws IOException {
        return all().stream().filter(file -> file.startsWith(folder) || file.toString().startsWith("socket:"))
                .sorted().toList();
    }

    private static List<Path> all() throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> numbers = Files.list(NUMBERS)) {
            for (Path number : numbers.toList()) {
                try {
                    files.add(Files.readSymbolicLink(number));
                } catch (NoSuchFileException _) {
                    // closed since
                }
            }
        }
        return files;
    }
}
