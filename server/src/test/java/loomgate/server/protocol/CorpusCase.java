package loomgate.server.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// One case of a corpus: what the peer sends, and what has to come of it.
///
/// A file begins with settings, `# name: value`, one a line:
/// `then` (`end`, `silence`: what follows the bytes), `buffer-size`, `body` (`ignored`: the application does not read
/// it), `show` (variables whose values are of interest), `modifier1`.
///
/// @param lines    of the file, without the settings
/// @param expected what [Conversation] has to render, from the file beside it
public record CorpusCase(String name, Map<String, String> settings, List<String> lines, String expected) {

    /// The cases of a folder of the test resources.
    public static Stream<CorpusCase> in(String folder) {
        try {
            Path path = Path.of(CorpusCase.class.getResource("/" + folder).toURI());
            try (Stream<Path> files = Files.list(path)) {
                return files.filter(file -> !file.toString().endsWith(".expected")).sorted()
                        .map(CorpusCase::read).toList().stream();
            }
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static CorpusCase read(Path file) {
        try {
            String name = file.getFileName().toString();
            Path expected = file.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".expected");
            Map<String, String> settings = new TreeMap<>();
            List<String> lines = new ArrayList<>(Files.readAllLines(file, UTF_8));
            while (!lines.isEmpty() && lines.getFirst().startsWith("# ")) {
                String[] setting = lines.removeFirst().substring(2).split(": ", 2);
                if (settings.put(setting[0], setting[1]) != null) {
                    throw new IllegalArgumentException(file + ": twice: " + setting[0]);
                }
            }
            return new CorpusCase(
                    name, settings, lines, Files.exists(expected) ? Files.readString(expected, UTF_8) : "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The bytes that the lines stand for. Line ends of the file stand for nothing.
    public byte[] bytes() {
        return EscapedText.bytes(String.join("", lines));
    }

    public Limits limits() {
        return new Limits(Integer.parseInt(settings.getOrDefault("buffer-size", "4096")));
    }

    @Override
    public String toString() {
        return name;
    }
}
