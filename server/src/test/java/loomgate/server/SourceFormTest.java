package loomgate.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Java files have the form that `.editorconfig` asks of all files. Editors heed that where they know of it; the
/// compiler does not look.
class SourceFormTest {

    private static final Path FOLDER = Path.of(System.getProperty("loomgate.home", "..")).toAbsolutePath().normalize();
    private static final List<Path> SOURCES =
            Stream.of("server/src", "app-api/src", "sample/src").map(FOLDER::resolve).toList();

    @Test
    void noLineIsLongerThanTheEditorConfigSays() throws IOException {
        assertEquals(List.of(), places(SOURCES, longerThan(Integer.parseInt(ofAllFiles("max_line_length")))));
    }

    @Test
    void noLineEndsInWhiteSpace() throws IOException {
        assertEquals(List.of(), places(SOURCES, SourceFormTest::endsInWhiteSpace));
    }

    @Test
    void noLineHasATab() throws IOException {
        assertEquals(List.of(), places(SOURCES, SourceFormTest::hasTab));
    }

    @Test
    void plantedLinesAreFound(@TempDir Path folder) throws IOException {
        Path file = Files.createDirectories(folder.resolve("a/b")).resolve("C.java");
        Files.writeString(file, "1234\n12345\n\u00e4\u00f6\u00fc\ud83d\ude00\n12 \n1\t2\n\n12\r\n1\t");
        Files.writeString(folder.resolve("notes.txt"), "12345\n1 \n\t1\n");
        assertEquals(List.of(file + ":2"), places(List.of(folder), longerThan(4)));
        assertEquals(List.of(file + ":4", file + ":7", file + ":8"),
                places(List.of(folder), SourceFormTest::endsInWhiteSpace));
        assertEquals(List.of(file + ":5", file + ":8"), places(List.of(folder), SourceFormTest::hasTab));
    }

    /// In characters, of which an editor shows each in one column.
    private static Predicate<String> longerThan(int most) {
        return line -> line.codePointCount(0, line.length()) > most;
    }

    private static boolean endsInWhiteSpace(String line) {
        return !line.equals(line.stripTrailing());
    }

    private static boolean hasTab(String line) {
        return line.indexOf('\t') >= 0;
    }

    /// The lines that are so, as `file:line`.
    private static List<String> places(List<Path> roots, Predicate<String> wrong) throws IOException {
        List<String> places = new ArrayList<>();
        for (Path root : roots) {
            for (Path file : javaFiles(root)) {
                String[] lines = Files.readString(file).split("\n", -1);
                for (int i = 0; i < lines.length; i++) {
                    if (wrong.test(lines[i])) {
                        places.add((file.startsWith(FOLDER) ? FOLDER.relativize(file) : file) + ":" + (i + 1));
                    }
                }
            }
        }
        return places;
    }

    private static List<Path> javaFiles(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
        }
    }

    /// A property's value in the section `[*]`.
    private static String ofAllFiles(String property) throws IOException {
        return Files.readAllLines(FOLDER.resolve(".editorconfig")).stream()
                .map(String::strip)
                .dropWhile(line -> !line.equals("[*]")).skip(1)
                .takeWhile(line -> !line.startsWith("["))
                .map(line -> line.split("\\s*=\\s*", 2))
                .filter(pair -> pair[0].equals(property))
                .map(pair -> pair[1])
                .findFirst().orElseThrow();
    }
}
