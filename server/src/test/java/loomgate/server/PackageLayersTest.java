package loomgate.server;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The layers of `docs/design.md`. What a package does not list here, it must not use; a package that is new has to be
/// entered.
class PackageLayersTest {

    private static final Path CLASSES = Path.of("target", "classes");

    private static final String SLF4J = "org.slf4j";

    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            entry("cli", Set.of("master", "worker", "command", "config", "config.option", "control", "log", "os",
                    "api", SLF4J)),
            entry("master", Set.of("master.table", "command", "config", "control", "os", "status", "systemd", SLF4J)),
            entry("master.table", Set.of("config", "control", "os", "status")),
            entry("command", Set.of("control", "os", SLF4J)),
            entry("status", Set.of("config", "os")),
            entry("systemd", Set.of("config", "os", SLF4J)),
            entry("worker", Set.of("config", "control", "protocol", "protocol.http", "protocol.uwsgi", "net", "os",
                    "log", "application", "api", "worker.transport", "worker.harakiri", "worker.carrier",
                    "worker.recycling", SLF4J)),
            entry("worker.transport", Set.of("config", "net", "os", SLF4J)),
            entry("worker.harakiri", Set.of("config", "control", "log", "protocol", "api", SLF4J)),
            entry("worker.carrier", Set.of(SLF4J)),
            entry("worker.recycling", Set.of("config", "control", "os", SLF4J)),
            entry("application", Set.of("api", SLF4J)),
            entry("protocol.http", Set.of("protocol", "net", "representation", "api")),
            entry("protocol.uwsgi", Set.of("protocol", "net", "api")),
            entry("protocol", Set.of("net", "representation", "api")),
            entry("representation", Set.of("api")),
            entry("config", Set.of("config.option", "config.ini")),
            entry("config.option", Set.of("config.ini")),
            entry("config.ini", Set.of()),
            entry("control", Set.of()),
            entry("log", Set.of()),
            entry("net", Set.of()),
            entry("os", Set.of()));

    private static final Set<String> FOREIGN = Set.of("java.lang.foreign", "sun.misc");

    /// `a` uses `b`; both by the names that the table has.
    private record Edge(String from, String to) {

        boolean isAllowed() {
            if (from.equals(to)) {
                return true;
            }
            if (FOREIGN.contains(to)) {
                return from.equals("os");
            }
            return MAY_USE.getOrDefault(from, Set.of()).contains(to);
        }
    }

    @Test
    void packagesUseOnlyWhatIsBelowThem() {
        assertEquals(List.of(), violations(CLASSES));
    }

    @Test
    void everyPackageIsInTheTableAndNoOther() {
        Set<String> packages = new TreeSet<>();
        edges("-verbose:package", CLASSES).forEach(edge -> packages.add(edge.from()));
        assertEquals(new TreeSet<>(MAY_USE.keySet()), packages);
    }

    @Test
    void theMastersTableDecidesAndHasNoEffectOfItsOwn() {
        List<String> usedOfOs = edges("-verbose:class", CLASSES)
                .filter(edge -> edge.from().startsWith("master.table.") && edge.to().matches("os\\..*"))
                .map(Edge::to)
                .filter(name -> !name.matches("os\\.ExitStatus(\\$.*)?"))
                .distinct()
                .toList();
        assertEquals(List.of(), usedOfOs);
    }

    @Test
    void codecsAreNamedInOnePlace() {
        List<String> naming = edges("-verbose:class", CLASSES)
                .filter(edge -> edge.to().matches("protocol\\.(http|uwsgi)\\..*"))
                .map(Edge::from)
                .filter(name -> !name.startsWith("protocol."))
                .distinct()
                .toList();
        assertEquals(List.of("worker.Codecs"), naming);
    }

    @Test
    void onlyOneClassNamesTheInternalSignals() throws Exception {
        List<String> naming;
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            naming = files.filter(Files::isRegularFile)
                    .filter(file -> text(file).contains("\"sun.misc"))
                    .map(file -> file.getFileName().toString())
                    .toList();
        }
        assertEquals(List.of("Signals.java"), naming, "by reflection, which jdeps does not see");
    }

    @Test
    void plantedViolationsAreFound(@TempDir Path folder) throws Exception {
        Path codec = source(folder, "protocol/http/Sneaky.java", """
                package loomgate.server.protocol.http;
                public class Sneaky {
                    public loomgate.server.config.Wanted settings(java.lang.foreign.Arena arena) {
                        return null;
                    }
                }
                """);
        Path wanted = source(folder, "config/Wanted.java", "package loomgate.server.config; public class Wanted {}");
        ToolProvider javac = ToolProvider.findFirst("javac").orElseThrow();
        assertEquals(0, javac.run(System.out, System.err,
                "-proc:none", "-d", folder.resolve("classes").toString(), codec.toString(), wanted.toString()));
        assertEquals(List.of("protocol.http must not use config", "protocol.http must not use java.lang.foreign"),
                violations(folder.resolve("classes")));
    }

    private static List<String> violations(Path classes) {
        return edges("-verbose:package", classes)
                .filter(edge -> !edge.isAllowed())
                .map(edge -> edge.from() + " must not use " + edge.to())
                .sorted()
                .toList();
    }

    private static Path source(Path folder, String name, String text) throws Exception {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    /// What the classes use of ours, of the API, of slf4j, and of the JDK's inner parts.
    private static Stream<Edge> edges(String verbosity, Path classes) {
        StringWriter output = new StringWriter();
        PrintWriter writer = new PrintWriter(output);
        int status = ToolProvider.findFirst("jdeps").orElseThrow().run(writer, writer,
                "--multi-release", "base", verbosity, "-filter:none", classes.toString());
        assertEquals(0, status, output.toString());
        return Pattern.compile("^\\s+(\\S+)\\s+->\\s+(\\S+)", Pattern.MULTILINE).matcher(output.toString()).results()
                .filter(match -> match.group(1).startsWith("loomgate.") && isOfInterest(match.group(2)))
                .map(match -> new Edge(shortened(match.group(1)), shortened(match.group(2))));
    }

    private static boolean isOfInterest(String name) {
        return name.startsWith("loomgate.") || name.startsWith(SLF4J) || FOREIGN.contains(name);
    }

    private static String shortened(String name) {
        return name.replaceFirst("^loomgate\\.(server\\.)?", "");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
