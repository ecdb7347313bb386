package loomgate.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Keeps `api.txt`, the list of everything public, so that a change of the API is seen in review. After a change that
/// is meant, write it anew:
///
///     mvn -pl app-api test -Dtest=PublicSignaturesTest -Dloomgate.api.write=true
class PublicSignaturesTest {

    private static final Path API_TXT = Path.of("api.txt");

    @Test
    void apiTxtListsEverythingPublic() throws Exception {
        String signatures = publicSignatures();
        if (Boolean.getBoolean("loomgate.api.write")) {
            Files.writeString(API_TXT, signatures);
        }
        assertEquals(Files.readString(API_TXT), signatures,
                "the public API has changed; if that is meant: -Dloomgate.api.write=true, and review the difference");
    }

    private static String publicSignatures() throws Exception {
        URI classes = Handler.class.getProtectionDomain().getCodeSource().getLocation().toURI();
        return publicClasses(Path.of(classes)).stream()
                .flatMap(file -> javap(file).lines())
                .filter(line -> !line.startsWith("Compiled from"))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static List<Path> publicClasses(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".class"))
                    .filter(file -> !file.endsWith("module-info.class") && !file.endsWith("package-info.class"))
                    .filter(file -> isPublic(root.relativize(file)))
                    .sorted()
                    .toList();
        }
    }

    private static boolean isPublic(Path classFile) {
        String name = classFile.toString().replace('/', '.').replaceFirst("\\.class$", "");
        try {
            return Modifier.isPublic(Class.forName(name).getModifiers());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static String javap(Path classFile) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = ToolProvider.findFirst("javap").orElseThrow()
                .run(new PrintWriter(out), new PrintWriter(err), "-protected", classFile.toString());
        assertEquals(0, status, err.toString());
        return out.toString();
    }
}
