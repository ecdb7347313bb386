package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The master as the first process of a container: its number is the same every time.
@Timeout(120)
class ContainerIT {

    private static final List<String> CONTAINER =
            List.of("unshare", "--pid", "--fork", "--mount-proc", "--kill-child");

    private static RunningServer start(Path folder) throws IOException {
        List<String> command = new ArrayList<>(CONTAINER);
        command.addAll(RunningServer.command("app.ini"));
        command.add(CONTAINER.size() + 1, "-Djava.io.tmpdir=" + folder.resolve("tmp"));
        return RunningServer.startCommand(folder, folder, command);
    }

    private static Path makeFolder() throws IOException {
        Path folder = Files.createTempDirectory("loomgate-it");
        Files.createDirectory(folder.resolve("tmp"));
        Files.writeString(folder.resolve("app.ini"),
                "[uwsgi]\nhttp = app.sock\npidfile = app.pid\nvacuum = true\n" + RunningServer.TEST_APPLICATION);
        return folder;
    }

    @Test
    void aServerThatWasKilledStartsAgainUnderTheSameNumber() throws Exception {
        List<String> nothing = new ArrayList<>(CONTAINER);
        nothing.add("true");
        assumeTrue(new ProcessBuilder(nothing).start().waitFor() == 0, "no processes with numbers of their own here");
        Path folder = makeFolder();
        try (RunningServer server = start(folder)) {
            server.awaitReady(1);
            assertEquals("1\n", Files.readString(folder.resolve("app.pid")));
            List<Long> all = server.pids();
            server.signal("KILL"); // which takes the container with it
            await().atMost(Duration.ofSeconds(30)).until(() -> all.stream().noneMatch(ProcessFiles::isAlive));
            assertTrue(Files.exists(folder.resolve("tmp/loomgate-1/generation-1")));
            server.succeededAndLeavesItsFolder();
        }
        try (RunningServer server = start(folder)) {
            server.awaitReady(2);
            assertTrue(Client.http(folder.resolve("app.sock")).get("/hello").isComplete("hello\n"));
            RunningServer.signal("TERM", server.workers().getFirst()); // the master: it came first
            assertEquals(0, server.exitStatus());
            try (var left = Files.list(folder.resolve("tmp"))) {
                assertEquals(List.of(), left.filter(file -> file.toString().contains("loomgate-")).toList());
            }
            assertEquals(0, server.matches(" ERROR ").size(), server::log);
            server.succeeded();
        }
    }
}
