package loomgate.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {

    @TempDir
    Path temporary;

    private Path directory;

    @BeforeEach
    void resolveDirectory() throws IOException {
        directory = temporary.toRealPath();
    }

    @Test
    void everythingInTheWayIsToldTogetherInTheOrderOfTheText() throws IOException {
        write("app.ini", "[uwsgi]\npost-bufering = 1\nprocesses = x\nmodule = shop.App\nvacuum = maybe\n");
        ConfigException refusal = assertThrows(ConfigException.class, () -> load("app.ini"));
        assertEquals(List.of(
                "app.ini:2:1: post-bufering: no such option, and nothing refers to it as %(post-bufering);"
                        + " did you mean post-buffering?",
                "app.ini:3:13: processes: 'x' is not a number",
                "app.ini:5:10: vacuum: 'maybe' is neither true (yes, on, 1) nor false (no, off, 0)",
                "app.ini: socket and http are both missing; write socket = /run/app/app.sock for nginx's uwsgi_pass,"
                        + " or http = 127.0.0.1:8000 for its proxy_pass"), refusal.problems());
    }

    @Test
    void filesAreToldInTheOrderOfReading() throws Exception {
        write("app.ini", "[uwsgi]\nini = b.ini\nini = c.ini\nmodule = shop.App\n");
        write("b.ini", "[uwsgi]\nini = c.ini\n");
        write("c.ini", "[uwsgi]\nsocket = :0\n");
        assertEquals(List.of(directory.resolve("app.ini"), directory.resolve("b.ini"), directory.resolve("c.ini")),
                load("app.ini").files());
    }

    @Test
    void fileBehindALinkIsReadWhereItIs() throws Exception {
        Files.createDirectories(directory.resolve("available"));
        write("available/shop.ini", "[uwsgi]\nini = common.ini\nmodule = shop.App\nenv = D=%c\n");
        write("available/common.ini", "[uwsgi]\nsocket = :0\n");
        Files.createSymbolicLink(directory.resolve("enabled.ini"), Path.of("available/shop.ini"));
        assertEquals(Map.of("D", "available"), load("enabled.ini").master().jvm().environment());
    }

    @Test
    void effectiveSettingsAreExpandedAndInOrder() throws Exception {
        write("app.ini", """
                [uwsgi]
                workers = 2
                base = /srv/100%%
                chdir = %(base)
                wsgi = shop.App
                socket = app.sock
                http = *:8000
                processes = 3
                set-ph = odd=a = %%(b)
                """);
        Configuration configuration = load("app.ini", "--threads", "7");
        assertEquals(List.of("chdir=/srv/100%", "module=shop.App", "socket=/srv/100%/app.sock", "http=:8000",
                "processes=3", "threads=7", "set-ph=base=/srv/100%", "set-ph=odd=a = %(b)"), configuration.effective());
        Configuration again = Configuration.ofEffective(configuration.effective());
        assertEquals(configuration.variables(), again.variables());
        assertEquals(configuration.master(), again.master());
        assertEquals(configuration.listeners(), again.listeners());
    }

    @Test
    void blanksOfTheEnvironmentReachTheWorkers() throws Exception {
        write("app.ini", "[uwsgi]\nmodule = shop.App\nsocket = :0\nset-ph = a=$(BLANK)\nenv = B=%(a)\n");
        Configuration configuration =
                Configuration.load(List.of("app.ini"), Map.of("BLANK", "  x "), directory);
        assertEquals(Map.of("a", "  x "), configuration.variables());
        assertEquals(Map.of("a", "  x "), Configuration.ofEffective(configuration.effective()).variables());
    }

    @Test
    void workersStayWhereTheServerWasStartedUnlessTold() throws Exception {
        write("app.ini", "[uwsgi]\nmodule = shop.App\nsocket = :0\n");
        assertEquals("chdir=" + directory, load("app.ini").effective().getFirst());
    }

    @Test
    void secretsAreNotPrinted() throws Exception {
        write("app.ini", "[uwsgi]\nmodule = shop.App\nsocket = :0\nenv = PASSWORD=sesame\n");
        Configuration configuration = load("app.ini");
        assertTrue(configuration.effective().contains("env=PASSWORD=sesame"));
        assertFalse(configuration.printable().toString().contains("sesame"));
        assertTrue(configuration.printable().contains("env=(not shown)"));
    }

    @Test
    void effectiveSettingsOfAnotherVersionAreRefused() {
        ConfigException refusal = assertThrows(ConfigException.class, () ->
                Configuration.ofEffective(List.of("module=shop.App", "socket=:0", "no-such=1")));
        assertEquals(1, refusal.problems().size());
        assertTrue(refusal.problems().getFirst().startsWith("effective settings: no-such:"));
    }

    @Test
    void magicVariablesTellAboutThisMachine() throws Exception {
        write("app.ini", "[uwsgi]\nmodule = shop.App\nsocket = :0\nenv = X=%k %u %g %U\n");
        String value = load("app.ini").master().jvm().environment().get("X");
        assertTrue(value.matches("[1-9][0-9]* [0-9]+ [0-9]+ \\S+"), value);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    private Configuration load(String... words) throws ConfigException {
        return Configuration.load(List.of(words), Map.of(), directory);
    }
}
