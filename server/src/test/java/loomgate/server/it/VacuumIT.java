package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pid file and sockets at start and end: what is this server's own is removed, and nothing else is.
@Timeout(90)
class VacuumIT {

    private static final String INI =
            "http = app.sock\npidfile = app.pid\nvacuum = true\n" + RunningServer.TEST_APPLICATION;

    @Test
    void thePidFileIsThereWhileTheServerIs() throws Exception {
        try (RunningServer server = RunningServer.start(INI)) {
            server.awaitReady(1);
            assertEquals(server.pid() + "\n", Files.readString(pidFile(server)));
            assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(pidFile(server))));
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            assertFalse(Files.exists(pidFile(server)));
            assertFalse(Files.exists(socket(server)));
            assertEquals(List.of("app.ini", "log"), names(server.folder()));
            server.succeeded();
        }
    }

    @Test
    void withoutVacuumTheNextStartReplacesWhatIsLeft() throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        String ini = INI.replace("vacuum = true", "vacuum = false");
        long first;
        try (RunningServer server = RunningServer.startIn(folder, ini)) {
            first = server.awaitReady(1).pid();
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            server.succeededAndLeavesItsFolder();
        }
        assertTrue(Files.exists(folder.resolve("app.pid")) && Files.exists(folder.resolve("app.sock")));
        try (RunningServer server = RunningServer.startIn(folder, ini)) {
            server.awaitReady(2);
            assertEquals(server.pid() + "\n", Files.readString(pidFile(server)));
            assertTrue(server.log().contains("was left over from process " + first + " and was replaced"),
                    server.log());
            server.assertStops();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "no pid\n", "-1\n", "99999999999999999999\n", "1\n", "OWN\n"})
    void aPidFileOfNoServerIsReplaced(String content) throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        Files.writeString(folder.resolve("app.pid"),
                content.replace("OWN", Long.toString(ProcessHandle.current().pid())));
        try (RunningServer server = RunningServer.startIn(folder, INI)) {
            server.awaitReady(1);
            assertEquals(server.pid() + "\n", Files.readString(pidFile(server)));
            assertEquals(1, server.matches("WARN the pid file .* was replaced\n").size(), server.log());
            server.assertStops();
        }
    }

    @Test
    void whatIsNoPidFileIsLeftAlone() throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        String text = "precious\n".repeat(100);
        Files.writeString(folder.resolve("app.pid"), text);
        try (RunningServer server = RunningServer.startIn(folder, INI)) {
            assertEquals(78, server.exitStatus());
            assertTrue(server.log().contains("which is no pid file; it was left as it is"), server.log());
            assertEquals(text, Files.readString(folder.resolve("app.pid")));
            assertFalse(Files.exists(socket(server)));
            server.succeeded();
        }
    }

    @Test
    void thePidFileOfALivingServerIsLeftAlone() throws Exception {
        try (RunningServer first = RunningServer.start(INI)) {
            first.awaitReady(1);
            try (RunningServer second = RunningServer.start(
                    INI.replace("pidfile = app.pid", "pidfile = " + pidFile(first)))) {
                assertEquals(69, second.exitStatus());
                assertTrue(second.log().contains("it is that of a running server, process " + first.pid()),
                        second.log());
                assertFalse(Files.exists(socket(second)), "what the start has made is gone");
                second.succeeded();
            }
            try (RunningServer second = RunningServer.start(INI.replace("app.sock", socket(first).toString()))) {
                assertEquals(69, second.exitStatus());
                assertFalse(Files.exists(pidFile(second)));
                second.succeeded();
            }
            assertEquals(first.pid() + "\n", Files.readString(pidFile(first)));
            assertTrue(Client.http(socket(first)).get("/hello").isComplete("hello\n"));
            first.assertStops();
        }
    }

    @Test
    void thePidFileOfALivingServerWithoutAMasterIsLeftAloneToo() throws Exception {
        try (RunningServer first = RunningServer.start(INI.replace("vacuum = true", "master = false"))) {
            first.awaitReady(1);
            try (RunningServer second = RunningServer.start(
                    INI.replace("pidfile = app.pid", "pidfile = " + pidFile(first)))) {
                assertEquals(69, second.exitStatus());
                assertTrue(second.log().contains("it is that of a running server, process " + first.pid()),
                        second.log());
                second.succeeded();
            }
            assertEquals(first.pid() + "\n", Files.readString(pidFile(first)));
            first.assertStops();
        }
    }

    @Test
    void swappedPidFilesAreLeftToTheirServers() throws Exception {
        try (RunningServer one = RunningServer.start(INI);
                RunningServer other = RunningServer.start(INI)) {
            one.awaitReady(1);
            other.awaitReady(1);
            Path third = one.folder().resolve("third");
            Files.move(pidFile(one), third);
            Files.move(pidFile(other), pidFile(one));
            Files.move(third, pidFile(other));
            one.signal("TERM");
            assertEquals(0, one.exitStatus());
            assertTrue(one.log().contains("app.pid is no longer this server's and was left as it is"), one.log());
            assertEquals(other.pid() + "\n", Files.readString(pidFile(one)));
            one.succeeded();
            other.assertStops();
        }
    }

    @Test
    void anotherContentMakesItAnothersPidFile() throws Exception {
        try (RunningServer server = RunningServer.start(INI)) {
            server.awaitReady(1);
            Files.writeString(pidFile(server), "1\n");
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            assertEquals("1\n", Files.readString(pidFile(server)));
            server.succeeded();
        }
    }

    @Test
    void whatIsDeletedIsNotMissed() throws Exception {
        try (RunningServer server = RunningServer.start(INI)) {
            server.awaitReady(1);
            Files.delete(socket(server));
            Files.delete(pidFile(server));
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            assertEquals(1, server.matches("vacuum: .*app.sock is gone already").size(), server.log());
            assertEquals(1, server.matches("vacuum: .*app.pid is gone already").size(), server.log());
            server.succeeded();
        }
    }

    @Test
    void aSocketThatAnotherServerHasReplacedIsItsOwn() throws Exception {
        try (RunningServer first = RunningServer.start(INI)) {
            first.awaitReady(1);
            Files.delete(socket(first));
            try (RunningServer second = RunningServer.start(INI.replace("app.sock", socket(first).toString()))) {
                second.awaitReady(1);
                first.signal("TERM");
                assertEquals(0, first.exitStatus());
                assertEquals(1, first.matches("WARN vacuum: .*app.sock is no longer this server's").size(),
                        first.log());
                assertTrue(Client.http(socket(first)).get("/hello").isComplete("hello\n"));
                second.assertStops();
            }
            assertFalse(Files.exists(socket(first)));
            first.succeeded();
        }
    }

    @Test
    void anApplicationThatCannotBeLoadedLeavesNothing() throws Exception {
        try (RunningServer server = RunningServer.start(INI, "--module=no.Such")) {
            assertEquals(22, server.exitStatus());
            assertEquals(List.of("app.ini", "log"), names(server.folder()));
            server.succeeded();
        }
    }

    @Test
    void aPidFileThatCannotBeWrittenIsToldBeforeAnythingIsLeft() throws Exception {
        try (RunningServer server = RunningServer.start(INI, "--pidfile=missing/app.pid")) {
            assertEquals(78, server.exitStatus());
            assertTrue(server.log().contains("missing/app.pid cannot be written: "), server.log());
            assertEquals(List.of("app.ini", "log"), names(server.folder()));
            server.succeeded();
        }
    }

    private static List<String> names(Path folder) throws Exception {
        try (var files = Files.list(folder)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private static Path pidFile(RunningServer server) {
        return server.folder().resolve("app.pid");
    }

    private static Path socket(RunningServer server) {
        return server.folder().resolve("app.sock");
    }
}
