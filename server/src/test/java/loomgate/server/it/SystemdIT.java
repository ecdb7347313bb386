package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import loomgate.server.os.AbstractSocket;
import loomgate.server.os.DatagramInbox;
import loomgate.server.os.DatagramInbox.Datagram;
import loomgate.server.os.Descriptor;
import loomgate.server.os.OsException;
import loomgate.server.os.Program;
import loomgate.server.os.Sockets;
import loomgate.server.os.SpawnedProcess;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The test plays systemd's side: it is told how the server is, and holds the sockets.
@Timeout(600)
class SystemdIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Path ANALYZE = Path.of("/usr/bin/systemd-analyze");
    private static final int QUEUE = 4096; // what systemd gives, as far as the kernel allows

    @Nested
    class Notifications {

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
                assertEquals(List.of("READY", "RELOADING", "READY", "RELOADING", "READY", "STOPPING"), inbox.received().stream()
                        .map(datagram -> datagram.text().replaceFirst("(?s)=.*", ""))
                        .filter(word -> word.matches("READY|RELOADING|STOPPING")).toList());
                server.succeeded();
            }
        }

        @Test
        void anIdleMasterPingsTheWatchdogAndOneThatHangsDoesNot() throws Exception {
            try (DatagramInbox inbox = inbox("FOLDER/notify");
                    RunningServer server = start(inbox, Map.of("WATCHDOG_USEC", "2000000"), "")) {
                server.awaitReady(1);
                awaited(inbox, "WATCHDOG=1", 4);
                List<Long> times = pings(inbox).stream().map(Datagram::at).toList();
                for (int i = 1; i < times.size(); i++) {
                    assertTrue(times.get(i) - times.get(i - 1) < Duration.ofSeconds(2).toNanos(), times::toString);
                }
                server.signal("STOP");
                Thread.sleep(200); // it may have sent one just now
                int before = pings(inbox).size();
                Thread.sleep(2_500);
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
            try (DatagramInbox inbox = inbox("FOLDER/notify"); RunningServer server = start(inbox, Map.of(), "master = false\n")) {
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

        private static RunningServer start(DatagramInbox inbox, Map<String, String> environment, String ini) throws IOException {
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
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> beginning(inbox, beginning).size() >= times);
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
    }

    @Nested
    class Activation {

        @Test
        void socketsOfAllKindsAreServedAndStay() throws Exception {
            String name = "loomgate-it-held-" + ProcessHandle.current().pid();
            try (Held held = new Held()) {
                Path first = held.unix("first.sock", "first");
                Path second = held.unix("second.sock", "shop.socket");
                held.abstractName(name);
                int four = held.tcp("127.0.0.1", "four");
                int six = held.tcp("::1", "six");
                int all = held.tcp("0.0.0.0", "all");
                long inode = inode(first);
                String ini = "processes = 2\nchmod-socket = 600\nsocket = first.sock\nhttp = systemd:shop.socket\nsocket = @"
                        + name + "\nhttp = 127.0.0.1:" + four + "\nhttp = [::1]:" + six + "\nhttp = systemd:all\n"
                        + "http = 127.0.0.1:0\nsocket = own.sock\n";
                for (int run = 0; run < 2; run++) {
                    try (RunningServer server = held.start(ini)) {
                        server.awaitReady(2);
                        assertTrue(Client.uwsgi(first).get("/hello").isComplete("hello\n"));
                        assertTrue(Client.http(second).get("/hello").isComplete("hello\n"));
                        assertTrue(Client.http(four).get("/hello").isComplete("hello\n"));
                        assertTrue(Client.http(all).get("/hello").isComplete("hello\n"));
                        assertTrue(new Client(new InetSocketAddress("::1", six), Client.Protocol.HTTP)
                                .get("/hello").isComplete("hello\n"));
                        AbstractSocket.connect(name).close();
                        assertTrue(Client.uwsgi(held.folder.resolve("own.sock")).get("/hello").isComplete("hello\n"));
                        assertEquals(6, server.matches("listening for \\w+ on \\S+, opened by systemd\n").size(), server.log());
                        assertDescriptorsAreNotPassedOn(server);

                        server.signal("HUP");
                        server.awaitLog("reload: generation 2 serves with 2 workers", 1);
                        assertTrue(Client.uwsgi(first).get("/hello").isComplete("hello\n"));
                        assertTrue(Client.http(four).get("/hello").isComplete("hello\n"));
                        server.signal("TERM");
                        assertEquals(0, server.exitStatus());
                        server.succeeded();
                    }
                    assertEquals(inode, inode(first));
                    assertEquals("rwxr-xr-x", mode(first));
                }
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "processes = 2\n", "master = false\n"})
        void whoConnectsWhileItIsDownWaitsForTheNext(String more) throws Exception {
            try (Held held = new Held()) {
                Path path = held.unix("app.sock", "unix");
                int port = held.tcp("127.0.0.1", "tcp");
                String ini = "socket = app.sock\nhttp = 127.0.0.1:" + port + "\n" + more;
                List<Client.Sent> waiting = new ArrayList<>();
                for (int run = 0; run < 2; run++) {
                    try (RunningServer server = held.start(ini)) {
                        server.awaitReady(more.contains("2") ? 2 : 1);
                        for (Client.Sent sent : waiting) {
                            assertTrue(sent.answer().isComplete("hello\n"));
                        }
                        waiting.clear();
                        assertTrue(Client.http(port).get("/hello").isComplete("hello\n"));
                        server.signal("TERM");
                        assertEquals(0, server.exitStatus());
                        server.succeeded();
                    }
                    for (int i = 0; i < 20; i++) {
                        waiting.add(Client.uwsgi(path).send("/hello"));
                        waiting.add(Client.http(port).send("/hello"));
                    }
                }
                for (Client.Sent sent : waiting) {
                    sent.close();
                }
            }
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', value = {
            "http = 127.0.0.1:0                    | systemd passed web (127.0.0.1:PORT), which no socket or http is for. There are: 127.0.0.1:0",
            "http = systemd:wob                    | systemd:wob: systemd passed no socket of that name, but web (127.0.0.1:PORT)",
            "http = systemd:web, socket = :PORT    | 127.0.0.1:PORT",
            "http = :1, http = systemd:other       | systemd:other: systemd passed no socket of that name"})
        void whatDoesNotMatchIsRefused(String lines, String message) throws Exception {
            try (Held held = new Held()) {
                int port = held.tcp("127.0.0.1", "web");
                String ini = lines.replace(", ", "\n").replace("PORT", "" + port) + "\n";
                try (RunningServer server = held.start(ini)) {
                    if (message.equals("127.0.0.1:PORT")) { // all addresses are not that one: it is bound, in vain
                        assertEquals(69, server.exitStatus(), server.log());
                    } else {
                        assertEquals(78, server.exitStatus(), server.log());
                        assertTrue(server.log().contains("loomgate: " + message.replace("PORT", "" + port)), server.log());
                    }
                    assertEquals(0, server.matches("spawned|\tat ").size(), server.log());
                    server.succeeded();
                }
            }
        }

        @Test
        void whatIsNoListenerIsRefused() throws Exception {
            try (Held held = new Held()) {
                held.sockets.add(DatagramInbox.socket(held.folder.resolve("d").toString()));
                held.names.add("d");
                try (RunningServer server = held.start("http = 127.0.0.1:0\n")) {
                    assertEquals(78, server.exitStatus());
                    assertTrue(server.log().contains("d), on which no connections can be accepted: the socket unit needs"
                            + " ListenStream= and Accept=no"), server.log());
                    server.succeeded();
                }
            }
            try (Held held = new Held()) {
                held.sockets.add(Descriptor.devNull());
                held.names.add("null");
                try (RunningServer server = held.start("http = 127.0.0.1:0\n")) {
                    assertEquals(78, server.exitStatus());
                    assertTrue(server.log().contains("systemd passed descriptor 3 (null), which is no socket"), server.log());
                    server.succeeded();
                }
            }
        }

        @Test
        void aReloadMayNotLeaveASocketAloneNorChangeItsProtocol() throws Exception {
            try (Held held = new Held()) {
                Path path = held.unix("app.sock", "web");
                try (RunningServer server = held.start("socket = app.sock\n")) {
                    server.awaitReady(1);
                    Path ini = server.folder().resolve("app.ini");
                    String good = Files.readString(ini);
                    Files.writeString(ini, good.replace("socket = app.sock", "http = 127.0.0.1:0"));
                    server.signal("HUP");
                    server.awaitLog("reload failed: systemd passed web \\(\\S+app.sock\\), which no socket or http is for", 1);
                    Files.writeString(ini, good.replace("socket = app.sock", "http = app.sock"));
                    server.signal("HUP");
                    server.awaitLog("reload failed: \\S+app.sock is to speak another protocol, which takes a restart", 1);
                    Files.writeString(ini, good.replace("socket = app.sock", "socket = systemd:web"));
                    server.signal("HUP");
                    server.awaitLog("reload: generation \\d serves with 1 workers", 1);
                    assertTrue(Client.uwsgi(path).get("/hello").isComplete("hello\n"));
                    server.assertStops();
                }
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"uwsgi_pass unix:FOLDER/app.sock", "uwsgi_pass 127.0.0.1:UWSGI", "proxy_pass http://127.0.0.1:HTTP"})
        void stopsAndStartsLoseNothing(String pass) throws Exception {
            int cycles = Soak.of(3, 20);
            try (Held held = new Held()) {
                held.unix("app.sock", "unix");
                int uwsgi = held.tcp("127.0.0.1", "uwsgi");
                int http = held.tcp("127.0.0.1", "http");
                String ini = "processes = 2\nsocket = app.sock\nsocket = 127.0.0.1:" + uwsgi + "\nhttp = 127.0.0.1:" + http + "\n";
                String target = pass.replace("FOLDER", held.folder.toString()).replace("UWSGI", "" + uwsgi).replace("HTTP", "" + http);
                try (Nginx nginx = Nginx.start("", "include uwsgi_params; " + target + ";");
                        GoodRequests gets = GoodRequests.start(nginx.uri("/hello"), "hello\n", Soak.of(25, 100));
                        GoodRequests posts = GoodRequests.startPosting(nginx.uri("/checksum"), Soak.of(25, 100))) {
                    for (int cycle = 0; cycle < cycles; cycle++) {
                        try (RunningServer server = held.start(ini)) {
                            server.awaitReady(2);
                            if (cycle == cycles - 1) {
                                gets.stop();
                                posts.stop();
                            }
                            server.signal("TERM");
                            assertEquals(0, server.exitStatus());
                            server.succeeded();
                        }
                    }
                    assertGood(gets);
                    assertGood(posts);
                }
            }
        }

        private static void assertGood(GoodRequests requests) {
            List<GoodRequests.Outcome> outcomes = requests.takeOutcomes();
            assertEquals(List.of(), GoodRequests.problems(outcomes));
            System.out.println(outcomes.size() + " requests during stops and starts, the slowest took "
                    + GoodRequests.slowest(outcomes).toMillis() + " ms");
        }

        /// Those of the workers are their listeners, from 3 on, and none beside.
        private static void assertDescriptorsAreNotPassedOn(RunningServer server) throws IOException {
            for (long worker : server.workers()) {
                try (Stream<Path> open = Files.list(Path.of("/proc/" + worker + "/fd"))) {
                    List<String> sockets = new ArrayList<>();
                    for (Path descriptor : open.toList()) {
                        int number = Integer.parseInt(descriptor.getFileName().toString());
                        if (number >= 3 && number <= 10) {
                            sockets.add(Files.readSymbolicLink(descriptor).toString().replaceFirst(":.*", ""));
                        }
                    }
                    assertEquals(8, sockets.stream().filter("socket"::equals).count(), sockets::toString);
                }
            }
        }

        private static long inode(Path path) throws IOException {
            return (long) Files.getAttribute(path, "unix:ino");
        }

        private static String mode(Path path) throws IOException {
            return java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        }

        /// The sockets that systemd would have, and the folder that they are in.
        private static final class Held implements AutoCloseable {

            final Path folder;
            final List<Descriptor> sockets = new ArrayList<>();
            final List<String> names = new ArrayList<>();

            Held() throws IOException {
                folder = Files.createTempDirectory("loomgate-it");
            }

            Path unix(String file, String name) throws IOException {
                add(Sockets.bindUnix(folder.resolve(file)), name);
                Files.setPosixFilePermissions(folder.resolve(file),
                        java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
                return folder.resolve(file);
            }

            void abstractName(String name) throws OsException {
                add(Sockets.bindAbstract(name), "abstract");
            }

            int tcp(String ip, String name) throws IOException {
                Descriptor socket = Sockets.bindTcp(new InetSocketAddress(InetAddress.getByName(ip), 0), 1);
                add(socket, name);
                return Sockets.localPort(socket);
            }

            private void add(Descriptor socket, String name) throws OsException {
                Sockets.listen(socket, QUEUE);
                sockets.add(socket);
                names.add(name);
            }

            /// As systemd does it: the sockets from 3 on, and the process's own pid in its environment.
            RunningServer start(String ini) throws IOException {
                Path own = Files.createTempDirectory("loomgate-it");
                Files.writeString(own.resolve("app.ini"),
                        "[uwsgi]\nchdir = " + folder + "\n" + ini + RunningServer.TEST_APPLICATION);
                List<String> arguments = new ArrayList<>(List.of("sh", "-c", "LISTEN_PID=$$ exec \"$@\"", "sh"));
                arguments.addAll(RunningServer.command("app.ini"));
                Map<String, String> environment = new HashMap<>(System.getenv());
                environment.put("LISTEN_FDS", "" + sockets.size());
                environment.put("LISTEN_FDNAMES", String.join(":", names));
                Descriptor nothing = Descriptor.devNull();
                Descriptor log = Descriptor.appendingTo(own.resolve("log").toString(), 0600);
                try {
                    List<Descriptor> open = new ArrayList<>(List.of(nothing, log, log));
                    open.addAll(sockets);
                    return RunningServer.of(own, SpawnedProcess.start(
                            new Program(Path.of("/bin/sh"), arguments, environment, own, open)));
                } finally {
                    log.close();
                    nothing.close();
                }
            }

            @Override
            public void close() throws IOException {
                for (Descriptor socket : sockets) {
                    socket.close();
                }
                try (Stream<Path> files = Files.walk(folder)) {
                    for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(path);
                    }
                }
            }
        }
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
                .filter(line -> !line.endsWith("Failed to parse service type, ignoring: notify-reload") || systemd() >= 253)
                .toList(), output);
    }
}
