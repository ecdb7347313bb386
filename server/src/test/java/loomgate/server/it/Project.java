package loomgate.server.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The files of this repository.
final class Project {

    static final Path FOLDER = Path.of(System.getProperty("loomgate.home", "..")).toAbsolutePath().normalize();

    private Project() {}

    static Path file(String name) {
        return FOLDER.resolve(name);
    }

    static String text(String name) throws IOException {
        return Files.readString(file(name));
    }

    /// The texts that a reader is to follow.
    static List<Path> pages() throws IOException {
        try (var docs = Files.walk(file("docs"))) {
            return Stream.concat(
                    Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md").map(Project::file),
                    docs.filter(path -> path.toString().endsWith(".md"))).toList();
        }
    }
}
