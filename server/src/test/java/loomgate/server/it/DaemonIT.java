package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `daemonize`: the command returns the outcome, and the server is a process of its own.
@Timeout(90)
class DaemonIT {

    private static final String SOCKET = "http = app.sock\n";

    @Test
    void theStarterReturnsWhenRequestsAreAnswered() throws Exception {
        try (Background server = Background.start(SOCKET + RunningServer.TEST_APPLICATION)) {
            assertEquals(0, server.starterStatus(), server.terminal());
            assertTrue(Client.http(server.folder().resolve("app.sock")).get("/hello").isComplete("hello\n"));
            assertEquals("", server.terminal());
            RunningServer.signal("TERM", server.pid());
            server.awaitEnd();
            assertLeftNothing(server);
            assertTrue(server.log().endsWith(": stopped\n"), server.log());
            server.succeeded();
        }
    }

    @Test
    void theServerIsAProcessOfItsOwn() throws Exception {
        try (Background server = Background.start(
                SOCKET + RunningServer.TEST_APPLICATION, Map.of("TOLD", "yes"), "--processes", "2")) {
            assertEquals(0, server.starterStatus(), server.terminal());
            long pid = server.pid();
            assertNotEquals(server.starter().pid(), pid);
            assertEquals(Long.toString(pid), stat(pid, 3), "session");
            assertEquals("0", stat(pid, 4), "terminal");
            assertEquals(Path.of("/dev/null"), link(pid, "fd/0"));
            assertEquals(server.folder().resolve("app.log"), link(pid, "fd/1"));
            assertEquals(server.folder().resolve("app.log"), link(pid, "fd/2"));
            assertEquals(server.folder(), link(pid, "cwd"));
            assertEquals(umask(ProcessHandle.current().pid()), umask(pid));
            assertTrue(Files.readString(proc(pid, "environ")).contains("TOLD=yes\0"));
            String command = Files.readString(proc(pid, "cmdline"));
            assertTrue(command.contains("\0-Xmx64m\0") && command.endsWith("app.ini\0--processes\0" + "2\0"), command);
            RunningServer.signal("TERM", pid);
            server.awaitEnd();
            server.succeeded();
        }
    }

    @Test
    void aRestartTakesTheWordsOfAStart() throws Exception {
        try (Background server = Background.start(SOCKET + RunningServer.TEST_APPLICATION)) {
            assertEquals(0, server.starterStatus(), server.terminal());
            long first = server.pid();
            Operator.runIn(server.folder(), "restart", "--processes", "2", "--ini", "app.ini").assertIs(0);
            assertFalse(ProcessFiles.isAlive(first));
            server.awaitLog("worker 2 gen 1");
            Operator.runIn(server.folder(), "restart", "--http=other.sock", "--module=a.B")
                    .assertIs(64, "name the INI");
            assertTrue(Client.http(server.folder().resolve("app.sock")).get("/hello").isComplete("hello\n"));
            RunningServer.signal("TERM", server.pid());
            server.awaitEnd();
            assertLeftNothing(server);
            server.succeeded();
        }
    }

    @Test
    void aWrongConfigurationIsToldAtTheTerminal() throws Exception {
        assertFails(78, SOCKET + "harakiri = soon\n" + RunningServer.TEST_APPLICATION, "harakiri: 'soon' is not");
    }

    @Test
    void anAddressInUseIsToldAtTheTerminal() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            assertFails(69, SOCKET + "http = " + address + "\n" + RunningServer.TEST_APPLICATION,
                    "loomgate: cannot listen on " + address + ": another server listens there");
        }
    }

    @Test
    void aLogThatCannotBeWrittenIsToldAtTheTerminal() throws Exception {
        assertFails(78, SOCKET + RunningServer.TEST_APPLICATION, "daemonize = ", "--daemonize=missing/app.log");
    }

    @Test
    void anApplicationThatCannotBeLoadedIsToldAtTheTerminal() throws Exception {
        assertFails(22, SOCKET + "module = loomgate.server.it.app.BrokenApplications$Throwing\njvm-classpath = "
                + RunningServer.TEST_CLASSES + "\n", "no connection to the database");
    }

    @Test
    void aMasterIsNeeded() throws Exception {
        assertFails(78, SOCKET + "master = false\n" + RunningServer.TEST_APPLICATION, "daemonize needs a master");
    }

    @Test
    void systemdWatchesItself() throws Exception {
        try (Background server =
                Background.start(SOCKET + RunningServer.TEST_APPLICATION, Map.of("NOTIFY_SOCKET", "/run/notify"))) {
            assertEquals(78, server.starterStatus());
            assertTrue(server.terminal().contains("NOTIFY_SOCKET is set"), server.terminal());
            assertLeftNothing(server);
            server.succeeded();
        }
    }

    @Test
    void whoDoesNotWaitDoesNotWantTheServer() throws Exception {
        try (Background server = Background.start(SOCKET + endless())) {
            server.awaitLog("loading for ever");
            RunningServer.signal("INT", server.starter().pid());
            server.awaitEnd();
            assertTrue(server.log().contains("who started the server has not waited"), server.log());
            assertLeftNothing(server);
            server.succeeded();
        }
    }

    @Test
    void aServerThatIsKilledBeforeItServesIsTold() throws Exception {
        try (Background server = Background.start(SOCKET + endless())) {
            server.awaitLog("loading for ever");
            RunningServer.signal("KILL", server.pid());
            assertEquals(1, server.starterStatus());
            assertTrue(server.terminal().contains("was killed by signal 9"), server.terminal());
            server.awaitEnd();
            server.succeeded();
        }
    }

    private static String endless() {
        return "module = loomgate.server.it.app.BrokenApplications$Endless\njvm-classpath = "
                + RunningServer.TEST_CLASSES + "\n";
    }

    private static void assertFails(int status, String ini, String cause, String... arguments) throws Exception {
        try (Background server = Background.start(ini, arguments)) {
            assertEquals(status, server.starterStatus(), server.terminal());
            assertTrue(server.terminal().contains(cause), server.terminal());
            assertLeftNothing(server);
            server.succeeded();
        }
    }

    private static void assertLeftNothing(Background server) {
        assertEquals(List.of(), server.processes());
        assertFalse(Files.exists(server.folder().resolve("app.sock")), "a socket is left");
        assertFalse(Files.exists(server.folder().resolve("app.pid")), "a pid file is left");
    }

    /// A field of `/proc/PID/stat` behind the name: 0 is the state, 3 the session, 4 the terminal.
    private static String stat(long pid, int field) throws IOException {
        String stat = Files.readString(proc(pid, "stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[field];
    }

    private static String umask(long pid) throws IOException {
        return Files.readAllLines(proc(pid, "status")).stream()
                .filter(line -> line.startsWith("Umask:")).findFirst().orElseThrow();
    }

    private static Path link(long pid, String name) throws IOException {
        return Files.readSymbolicLink(proc(pid, name));
    }

    private static Path proc(long pid, String name) {
        return Path.of("/proc", Long.toString(pid), name);
    }
}
