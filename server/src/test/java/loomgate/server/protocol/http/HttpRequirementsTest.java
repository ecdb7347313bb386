package loomgate.server.protocol.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.junit.jupiter.api.Test;

/// docs/http.md says of each requirement on a server which test shows what is done about it. Here those tests are
/// looked for, so that the page cannot promise more than is tested.
class HttpRequirementsTest {

    private static final Path PAGE = Path.of("../docs/http.md");
    private static final List<Path> TESTS = List.of(Path.of("src/test/java"), Path.of("../app-api/src/test/java"));

    private static final Pattern REFERENCE = Pattern.compile("`([^`]+)`");
    private static final String HEADING = "| section | level | requirement | what Loomgate does | shown by |";
    private static final int COLUMNS = 5;

    /// A line of a table.
    private record Requirement(String section, String level, String shownBy) {

        List<String> references() {
            return REFERENCE.matcher(shownBy).results().map(result -> result.group(1)).toList();
        }

        @Override
        public String toString() {
            return section + " (" + level + "): " + shownBy;
        }
    }

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        Map<String, String> sources = sources();
        List<String> missing = requirements().stream().flatMap(requirement -> requirement.references().stream())
                .filter(reference -> !exists(reference, sources)).distinct().toList();
        assertEquals(List.of(), missing);
    }

    @Test
    void everyObligationIsShownByATest() throws IOException {
        List<Requirement> unshown = requirements().stream()
                .filter(requirement -> requirement.level().startsWith("MUST") && requirement.references().isEmpty())
                .toList();
        assertEquals(List.of(), unshown);
    }

    @Test
    void aTableHasWhatItsColumnsSay() throws IOException {
        List<Requirement> requirements = requirements();
        assertTrue(requirements.size() > 100, () -> requirements.size() + " requirements");
        Pattern level = Pattern.compile("(MUST|SHOULD)( NOT)?|MAY|ours");
        assertEquals(List.of(), requirements.stream()
                .filter(requirement -> !level.matcher(requirement.level()).matches()).toList());
    }

    /// A corpus case by its name, a test as `Class#method`.
    private static boolean exists(String reference, Map<String, String> sources) {
        String[] parts = reference.split("#");
        return parts.length == 1
                ? HttpRequirementsTest.class.getResource("/http/" + reference + ".http") != null
                : sources.getOrDefault(parts[0], "").contains("void " + parts[1] + "(");
    }

    /// The lines of the tables that begin with [#HEADING].
    private static List<Requirement> requirements() throws IOException {
        List<Requirement> requirements = new ArrayList<>();
        boolean isWithin = false;
        for (String line : Files.readAllLines(PAGE)) {
            if (isWithin && line.startsWith("| ")) {
                requirements.add(requirement(line));
            }
            isWithin = line.equals(HEADING) || isWithin && line.startsWith("|");
        }
        return requirements;
    }

    private static Requirement requirement(String line) {
        String[] cells = Arrays.stream(line.substring(1).split("\\|")).map(String::strip).toArray(String[]::new);
        assertEquals(COLUMNS, cells.length, line);
        return new Requirement(cells[0], cells[1], cells[4]);
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
