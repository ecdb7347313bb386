package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import loomgate.server.os.DatagramInbox;
import loomgate.server.os.DatagramInbox.Datagram;
import loomgate.server.os.Descriptor;
import loomgate.server.os.UnixDatagrams;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The test plays systemd's side, and is told how the server is.
@Timeout(120)
class SystemdIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Path ANALYZE = Path.of("/usr/bin/systemd-analyze");

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"FOLDER/notify", "@loomgate-it-notify-PID"})
    void whatHappensIsTold(String address) throws Exception {
        try (DatagramInbox inbox = inbox(address); RunningServer server = start(inbox, Map.of(), "processes = 2\n")) {
            server.awaitReady(2);
            Datagram ready = awaited(inbox, "READY=1\n", 1);
            assertTrue(ready.text().contains("\nMAINPID=" + server.pid() + "\n"), ready.text());
            assertTrue(server.log().contains("worker 1 gen 1"), "not before a worker is");
            awaited(inbox, "STATUS=2 workers serve generation 1", 1);

            long before = System.nanoTime();
            server.signal("HUP");
            Datagram again = awaited(inbox, "READY=1\n", 2);
            assertEquals("READY=1\nSTATUS=reload: generation 2 serves with 2 workers", again.text());
            Datagram reloading = awaited(inbox, "RELOADING=1\n", 1);
            assertBetween(before, micros(reloading, "MONOTONIC_USEC") * 1000, again.at());
            awaited(inbox, "STATUS=2 workers serve generation 2", 1);

            Path ini = server.folder().resolve("app.ini");
            Files.writeString(ini, Files.readString(ini) + "processess = 3\n");
            server.signal("HUP");
            assertTrue(awaited(inbox, "READY=1\n", 3).text().contains("STATUS=the last reload failed: "));
            awaited(inbox, "STATUS=2 workers serve generation 2; the last reload failed: ", 1);

            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            assertTrue(micros(awaited(inbox, "STOPPING=1\n", 1), "EXTEND_TIMEOUT_USEC") > 60_000_000);
            assertEquals(List.of("READY", "RELOADING", "READY", "RELOADING", "READY", "STOPPING"),
                    inbox.received().stream()
                    .map(datagram -> datagram.text().replaceFirst("(?s)=.*", ""))
                    .filter(word -> word.matches("READY|RELOADING|STOPPING")).toList());
            server.succeeded();
        }
    }

    @Test
    void timeIsAskedForToTryAGenerationThatMayTakeLonger() throws Exception {
        try (DatagramInbox inbox = inbox("FOLDER/notify");
                RunningServer server = start(inbox, Map.of(), "start-timeout = 30\nreload-mercy = 10\n")) {
            server.awaitReady(1);
            assertEquals(52_000_000, micros(awaited(inbox, "EXTEND_TIMEOUT_USEC=", 1), "EXTEND_TIMEOUT_USEC"));
            Path ini = server.folder().resolve("app.ini");
            Files.writeString(ini, Files.readString(ini).replace("start-timeout = 30", "start-timeout = 300")
                    .replace("reload-mercy = 10", "reload-mercy = 40"));
            server.signal("HUP");
            assertTrue(awaited(inbox, "READY=1\n", 2).text().contains("generation 2 serves"));
            List<Datagram> steps = beginning(inbox, "EXTEND_TIMEOUT_USEC=");
            assertTrue(steps.get(1).text().endsWith("\nSTATUS=reload: generation 2 is tried with one worker"),
                    steps.get(1)::text);
            for (Datagram step : steps.subList(1, steps.size())) {
                assertEquals(352_000_000, micros(step, "EXTEND_TIMEOUT_USEC"), step::text);
            }
            server.signal("HUP");
            assertEquals(352_000_000, micros(awaited(inbox, "RELOADING=1\n", 2), "EXTEND_TIMEOUT_USEC"));
            awaited(inbox, "READY=1\n", 3);
            server.assertStops();
        }
    }

    @Test
    void timeIsAskedForToServeOn() throws Exception {
        try (DatagramInbox inbox = inbox("FOLDER/notify");
                RunningServer server = start(inbox, Map.of("WATCHDOG_USEC", "2000000"), "shutdown-delay = 3\n")) {
            server.awaitReady(1);
            awaited(inbox, "READY=1\n", 1);
            int before = pings(inbox).size();
            server.signal("TERM");
            assertTrue(micros(awaited(inbox, "STOPPING=1\n", 1), "EXTEND_TIMEOUT_USEC") > 63_000_000);
            assertEquals(0, server.exitStatus());
            assertTrue(micros(awaited(inbox, "STOPPING=1\n", 2), "EXTEND_TIMEOUT_USEC") < 80_000_000);
            assertTrue(pings(inbox).size() > before + 1, "the watchdog is told meanwhile");
            server.succeeded();
        }
    }

    @Test
    void anIdleMasterPingsTheWatchdogAndOneThatHangsDoesNot() throws Exception {
        try (DatagramInbox inbox = inbox("FOLDER/notify");
                RunningServer server = start(inbox, Map.of("WATCHDOG_USEC", "6000000"), "")) { // half of it is aimed at
            server.awaitReady(1);
            awaited(inbox, "WATCHDOG=1", 3);
            List<Long> times = pings(inbox).stream().map(Datagram::at).toList();
            for (int i = 1; i < times.size(); i++) {
                assertTrue(times.get(i) - times.get(i - 1) < Duration.ofSeconds(6).toNanos(), times::toString);
            }
            server.signal("STOP");
            await().atMost(PATIENCE).ignoreExceptionsInstanceOf(IOException.class) // of a thread that ends meanwhile
                    .until(() -> ProcessFiles.isStopped(server.pid()));
            new UnixDatagrams(inbox.address()).send("the last"); // comes behind all that it had sent
            awaited(inbox, "the last", 1);
            int before = pings(inbox).size();
            Thread.sleep(4_000);
            assertEquals(before, pings(inbox).size());
            server.signal("CONT");
            awaited(inbox, "WATCHDOG=1", before + 1);
            server.assertStops();
        }
    }

    @Test
    void aWatchdogForAnotherProcessIsNotPinged() throws Exception {
        try (DatagramInbox inbox = inbox("FOLDER/notify");
                RunningServer server = start(inbox, Map.of("WATCHDOG_USEC", "1000000", "WATCHDOG_PID", "1"), "")) {
            server.awaitReady(1);
            awaited(inbox, "READY=1\n", 1);
            Thread.sleep(1_500);
            assertEquals(List.of(), pings(inbox));
            server.assertStops();
        }
    }

    @Test
    void workersAreToldNothingOfIt() throws Exception {
        try (DatagramInbox inbox = inbox("FOLDER/notify"); RunningServer server = start(inbox,
                Map.of("WATCHDOG_USEC", "30000000", "LISTEN_FDS", "1", "LISTEN_PID", "1", "LISTEN_FDNAMES", "x"), "")) {
            server.awaitReady(1);
            String environment = Files.readString(
                    Path.of("/proc/" + server.workers().getFirst() + "/environ"), StandardCharsets.ISO_8859_1);
            assertTrue(environment.contains("PATH="), environment);
            assertFalse(Pattern.compile("NOTIFY_SOCKET|WATCHDOG_|LISTEN_").matcher(environment).find(), environment);
            server.assertStops();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/no/such/socket", "vsock:2:1234", "@loomgate-it-nobody"})
    void thatNobodyListensIsLoggedOnceAndNoMore(String address) throws Exception {
        try (RunningServer server = start(Map.of("NOTIFY_SOCKET", address, "WATCHDOG_USEC", "1000000"), "")) {
            server.awaitReady(1);
            Thread.sleep(1_500);
            assertEquals(1, server.matches("WARN systemd cannot be told how the server is").size(), server.log());
            assertTrue(Client.http(server.port(0)).get("/hello").isComplete("hello\n"));
            server.assertStops();
        }
    }

    @Test
    void aSystemdThatDoesNotReadHoldsNothingUp() throws Exception {
        Path path = folder.resolve("full");
        Descriptor unread = DatagramInbox.socket(path.toString());
        try (RunningServer server = start(Map.of("NOTIFY_SOCKET", path.toString(), "WATCHDOG_USEC", "1000000"), "")) {
            server.awaitReady(1);
            for (int generation = 2; generation <= 4; generation++) { // the queue has room for some ten datagrams
                server.signal("HUP");
                server.awaitLog("reload: generation " + generation + " serves with 1 workers", 1);
            }
            assertTrue(Client.http(server.port(0)).get("/hello").isComplete("hello\n"));
            server.assertStops();
        } finally {
            unread.close();
        }
    }

    @Test
    void withoutAMasterThatIsSaid() throws Exception {
        try (DatagramInbox inbox = inbox("FOLDER/notify");
                RunningServer server = start(inbox, Map.of(), "master = false\n")) {
            server.awaitReady(1);
            assertEquals(1, server.matches("WARN systemd waits to be told .*use Type=exec, or remove master").size());
            server.assertStops();
            assertEquals(List.of(), inbox.received());
        }
    }

    private DatagramInbox inbox(String address) throws IOException {
        return DatagramInbox.open(address.replace("FOLDER", folder.toString())
                .replace("PID", "" + ProcessHandle.current().pid()));
    }

    private static RunningServer start(DatagramInbox inbox, Map<String, String> environment, String ini)
            throws IOException {
        Map<String, String> all = new HashMap<>(environment);
        all.put("NOTIFY_SOCKET", inbox.address());
        return start(all, ini);
    }

    private static RunningServer start(Map<String, String> environment, String ini) throws IOException {
        Path folder = Files.createTempDirectory("loomgate-it");
        Files.writeString(folder.resolve("app.ini"),
                "[uwsgi]\nhttp = 127.0.0.1:0\n" + RunningServer.TEST_APPLICATION + ini);
        return RunningServer.startCommand(folder, folder, RunningServer.command("app.ini"), environment);
    }

    /// Waits until so many datagrams that begin so have come, and returns the last of them.
    private static Datagram awaited(DatagramInbox inbox, String beginning, int times) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20))
                .until(() -> beginning(inbox, beginning).size() >= times);
        return beginning(inbox, beginning).get(times - 1);
    }

    private static List<Datagram> pings(DatagramInbox inbox) {
        return beginning(inbox, "WATCHDOG=1");
    }

    private static List<Datagram> beginning(DatagramInbox inbox, String beginning) {
        return inbox.received().stream().filter(datagram -> datagram.text().startsWith(beginning)).toList();
    }

    private static long micros(Datagram datagram, String name) {
        return datagram.text().lines().filter(line -> line.startsWith(name + "="))
                .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1))).findFirst().orElseThrow();
    }

    private static void assertBetween(long first, long middle, long last) {
        assertTrue(first / 1000 <= middle / 1000 && middle <= last, first + ", " + middle + ", " + last);
    }

    private static int systemd() {
        try (BufferedReader reader = new ProcessBuilder(ANALYZE.toString(), "--version").start().inputReader()) {
            return Integer.parseInt(reader.readLine().split("[ .~-]")[1]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void unitsAreRight() throws Exception {
        assumeTrue(Files.isExecutable(ANALYZE), ANALYZE + " is not installed: it comes with the package systemd");
        Process process = new ProcessBuilder(ANALYZE.toString(), "verify", "--man=no",
                "../scripts/systemd/loomgate@.service", "../scripts/systemd/loomgate@.socket")
                .redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(List.of(), output.lines()
                .filter(line -> line.contains("loomgate"))
                .filter(line -> !line.contains("is not executable")) // there is none in /opt here
                .filter(line -> !line.endsWith("Failed to parse service type, ignoring: notify-reload")
                        || systemd() >= 253)
                .toList(), output);
    }
}
