package loomgate.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A page of `docs/` whose tables say of each rule which tests show it, in their last column: a corpus case by its
/// name, a test as `Class#method`.
///
/// @param rules the lines of all tables with the wanted heading
public record RulePage(List<Rule> rules) {

    private static final List<Path> TESTS = List.of(Path.of("src/test/java"), Path.of("../app-api/src/test/java"));
    private static final Pattern REFERENCE = Pattern.compile("`([^`]+)`");

    /// A line of a table.
    ///
    /// @param cells as many as the heading has
    public record Rule(List<String> cells) {

        public List<String> references() {
            return REFERENCE.matcher(cells.getLast()).results().map(result -> result.group(1)).toList();
        }
    }

    /// Reads a page.
    ///
    /// @param name    of the file in `docs/`
    /// @param heading of the tables, as it stands there
    public static RulePage of(String name, String heading) throws IOException {
        List<Rule> rules = new ArrayList<>();
        boolean isWithin = false;
        for (String line : Files.readAllLines(Path.of("../docs", name))) {
            if (isWithin && line.startsWith("| ")) {
                List<String> cells = cells(line);
                assertEquals(cells(heading).size(), cells.size(), line);
                rules.add(new Rule(cells));
            }
            isWithin = line.equals(heading) || isWithin && line.startsWith("|");
        }
        return new RulePage(rules);
    }

    private static List<String> cells(String line) {
        return Arrays.stream(line.substring(1).split("\\|")).map(String::strip).toList();
    }

    /// The tests that the page names and that do not exist.
    ///
    /// @param corpus folder of the cases
    public List<String> missing(String corpus) throws IOException {
        Map<String, String> sources = sources();
        return rules.stream().flatMap(rule -> rule.references().stream())
                .filter(reference -> !exists(reference, corpus, sources)).distinct().toList();
    }

    private static boolean exists(String reference, String corpus, Map<String, String> sources) {
        String[] parts = reference.split("#");
        return parts.length == 1
                ? RulePage.class.getResource("/" + corpus + "/" + reference + ".expected") != null
                : sources.getOrDefault(parts[0], "").contains("void " + parts[1] + "(");
    }

    /// The texts of the tests, by the names of their classes.
    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (Path folder : TESTS) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    String name = file.getFileName().toString().replace(".java", "");
                    sources.merge(name, Files.readString(file), String::concat);
                }
            }
        }
        return sources;
    }
}
