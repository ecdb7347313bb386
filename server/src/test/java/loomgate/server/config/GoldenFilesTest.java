package loomgate.server.config;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import loomgate.server.config.ini.Machine;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Runs every `.initest` file. With `-Dloomgate.regenerate=true` it writes what came out into them: to be read with
/// care before it is committed.
class GoldenFilesTest {

    private static final Path DIRECTORY = Path.of("src/test/resources/config");
    private static final Machine MACHINE = new Machine("web1", 4, "33", "www-data", "34", "web");

    @TempDir
    Path temporary;

    @TestFactory
    Stream<DynamicTest> everyFileGivesWhatItSays() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(DIRECTORY)) {
            files = all.filter(file -> file.toString().endsWith(".initest")).sorted().toList();
        }
        assertTrue(files.size() > 45, "files found: " + files.size());
        return files.stream().map(file -> dynamicTest(file.getFileName().toString(), () -> run(file)));
    }

    @Test
    void noTextWhateverEndsTheReading() throws IOException {
        Path cwd = temporary.toRealPath();
        String text = GoldenFile.read(DIRECTORY.resolve("mission-complete.initest")).ini();
        String pieces = "%($@#;=:[]\\\0\r\n \t.-/%d%(base)@(x)$(HOME)ini=:uwsgi\u00fc";
        Random random = new Random(20);
        for (int i = 0; i < 2000; i++) {
            StringBuilder changed = new StringBuilder(text);
            for (int change = 0; change < 5; change++) {
                int from = random.nextInt(pieces.length());
                int at = random.nextInt(changed.length());
                changed.replace(at, Math.min(changed.length(), at + random.nextInt(3)),
                        pieces.substring(from, Math.min(pieces.length(), from + 1 + random.nextInt(6))));
            }
            Files.writeString(cwd.resolve("app.ini"), changed);
            assertDoesNotThrow(() -> ConfigurationReading.of(List.of("app.ini"), Map.of(), cwd, MACHINE),
                    changed::toString);
        }
    }

    private void run(Path file) throws IOException {
        GoldenFile golden = GoldenFile.read(file);
        Path root = Files.createDirectories(temporary.toRealPath().resolve(file.getFileName()));
        Path cwd = Files.createDirectories(root.resolve("etc/app"));
        golden.unpack(cwd);
        String actual = outcome(golden, cwd).replace(root.toString(), "$ROOT");
        if (Boolean.getBoolean("loomgate.regenerate")) {
            Files.writeString(file, golden.withExpected(actual));
        }
        assertEquals(golden.expected(), actual);
    }

    private static String outcome(GoldenFile golden, Path cwd) {
        ConfigurationReading reading = ConfigurationReading.of(golden.words(), golden.environment(), cwd, MACHINE);
        StringBuilder text = new StringBuilder();
        reading.configuration().warnings().forEach(line -> text.append("warning: ").append(line).append('\n'));
        reading.errors().forEach(line -> text.append("error: ").append(line).append('\n'));
        if (reading.errors().isEmpty()) {
            Map<String, String> settings = SettingsText.of(reading.configuration());
            if (!golden.showsAll()) {
                settings.entrySet().removeAll(defaults(cwd).entrySet());
            }
            settings.forEach((name, value) -> text.append(name).append(" = ").append(value).append('\n'));
            assertSurvivesTheWayToAWorker(reading.configuration());
        }
        return text.toString();
    }

    private static Map<String, String> defaults(Path cwd) {
        return SettingsText.of(ConfigurationReading.of(List.of(), Map.of(), cwd, MACHINE).configuration());
    }

    private static void assertSurvivesTheWayToAWorker(Configuration configuration) {
        ConfigurationReading again = ConfigurationReading.ofEffective(configuration.effective());
        assertEquals(List.of(), again.errors());
        assertEquals(SettingsText.of(configuration), SettingsText.of(again.configuration()));
        assertEquals(configuration.effective(), again.configuration().effective());
    }
}
