package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `sample/app.ini`, with every option of a usual uWSGI installation, started as it is.
@Timeout(90)
class CompleteSampleIT {

    private static final Path INI = Project.file("sample/app.ini");
    private static final Path TARGET = Project.file("sample/target");

    @Test
    void startsInTheBackgroundServesReloadsAndStops() throws Exception {
        Path pidFile = TARGET.resolve("sample-all.pid");
        Path socket = TARGET.resolve("sample-all.sock");
        Path log = TARGET.resolve("sample-all.log");
        Files.deleteIfExists(log);
        try {
            assertEquals(0, run());
            long pid = Long.parseLong(Files.readString(pidFile).strip());
            assertEquals("Hello, world\n", Client.uwsgi(socket).get("/hello").body());
            assertEquals("Hello, world\n", Client.http(8088).get("/hello").body());
            await().atMost(Duration.ofSeconds(10)).until(() -> Files.readString(log)
                    .matches("(?s).*\\{address space usage: \\d+ bytes/\\d+MB\\} \\{rss usage: .*"
                            + " GET /hello => generated .*"));
            assertEquals(0, run("reload"));
            assertEquals("Hello, world\n", Client.uwsgi(socket).get("/hello").body());
            assertEquals(0, run("restart"));
            assertFalse(ProcessFiles.isAlive(pid));
            assertEquals("Hello, world\n", Client.uwsgi(socket).get("/hello").body());
            assertEquals(0, run("stop"));
            assertFalse(ProcessFiles.isAlive(pid));
            assertFalse(Files.exists(pidFile) || Files.exists(socket), "vacuum");
        } finally {
            if (Files.exists(pidFile)) {
                run("stop", "--now");
            }
        }
    }

    private static int run(String... words) throws Exception {
        List<String> command = new ArrayList<>(RunningServer.command(INI.toString()));
        if (words.length > 0) {
            command.add(command.size() - 1, words[0]);
            command.addAll(List.of(words).subList(1, words.length));
        }
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertTrue(process.waitFor(40, TimeUnit.SECONDS), () -> command + " does not end");
        return process.exitValue();
    }
}
