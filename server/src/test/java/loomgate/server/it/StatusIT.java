package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import loomgate.server.os.OpenFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the master says of the server over HTTP: whether it is live and ready.
@Timeout(120)
class StatusIT {

    private static final String ONE = "http = 127.0.0.1:0\nstatus = 127.0.0.1:0\n" + RunningServer.TEST_APPLICATION;

    /// That the server puts up with.
    private static final Duration LONGEST_SLOWNESS = Duration.ofSeconds(2);

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(10);

    @TempDir
    Path temporary;

    @Test
    void itIsLiveFromTheStartAndReadyFromTheFirstWorkerOn() throws Exception {
        try (RunningServer server = RunningServer.start(ONE + warmup())) {
            Probe probe = Probe.of(server);
            assertIs(503, "starting\n", probe.ready());
            assertIs(200, "live\n", probe.live());
            Files.createFile(gate());
            server.awaitReady(1);
            await().atMost(PATIENCE).pollInterval(POLL).until(probe::isReady);
            assertIs(200, "ready\n", probe.ready());
            Path ini = server.folder().resolve("app.ini");
            Files.writeString(ini, Files.readString(ini).replace("status = 127.0.0.1:0", "status = 127.0.0.1:1"));
            server.signal("HUP");
            await().atMost(PATIENCE).pollInterval(POLL).until(() -> {
                assertTrue(probe.isReady());
                return !server.matches("generation 2 serves with 1 workers").isEmpty();
            });
            server.awaitLog("status has changed, which takes a restart", 1);
            server.assertStops();
        }
    }

    @Test
    void aServerWhoseOnlyWorkerHangsIsLiveAndNotReady() throws Exception {
        Files.createFile(gate());
        try (RunningServer server = RunningServer.start(ONE + "worker-timeout = 2\n" + warmup()).awaitReady(1)) {
            Probe probe = Probe.of(server);
            await().atMost(PATIENCE).pollInterval(POLL).until(probe::isReady);
            long worker = server.workers().getFirst();
            Files.delete(gate()); // for which its successor waits
            RunningServer.signal("STOP", worker);
            await().atMost(PATIENCE).pollInterval(POLL).until(() -> !probe.isReady());
            assertEquals(200, probe.live().status());
            Files.createFile(gate());
            await().atMost(PATIENCE).pollInterval(POLL).until(probe::isReady); // with its successor
            server.awaitLog("pid " + worker + " ended: unresponsive", 1);
            server.assertStops();
        }
    }

    @Test
    void aServerWithoutAWorkerIsLiveAndNotReady() throws Exception {
        Files.createFile(gate());
        try (RunningServer server = RunningServer.start(ONE + warmup()).awaitReady(1)) {
            Probe probe = Probe.of(server);
            await().atMost(PATIENCE).pollInterval(POLL).until(probe::isReady);
            Files.delete(gate()); // for which the next one waits
            RunningServer.signal("KILL", server.workers().getFirst());
            await().atMost(PATIENCE).pollInterval(POLL).until(() -> !probe.isReady());
            assertEquals(200, probe.live().status());
            Files.createFile(gate());
            server.awaitReady(2);
            await().atMost(PATIENCE).pollInterval(POLL).until(probe::isReady);
            server.assertStops();
        }
    }

    @Test
    void oneOfTwoWorkersIsEnough() throws Exception {
        try (RunningServer server = RunningServer.start(ONE + "processes = 2\n").awaitReady(2)) {
            Probe probe = Probe.of(server);
            await().atMost(PATIENCE).pollInterval(POLL).until(probe::isReady);
            RunningServer.signal("KILL", server.workers().getFirst());
            await().atMost(PATIENCE).pollInterval(POLL).until(() -> {
                assertTrue(probe.isReady());
                return server.matches("ready after").size() == 3;
            });
            server.assertStops();
        }
    }

    @Test
    void nothingElseIsTold() throws Exception {
        try (RunningServer server = RunningServer.start(ONE).awaitReady(1)) {
            Probe probe = Probe.of(server);
            await().atMost(PATIENCE).pollInterval(POLL).until(probe::isReady);
            Probe.Answer head = probe.ask("HEAD", "/ready");
            assertIs(200, "", head);
            assertEquals("close", head.head().field("Connection").orElseThrow());
            assertEquals("no-store", head.head().field("Cache-Control").orElseThrow());
            for (String target : List.of("/", "/ready/", "/live/x", "/hello", "/status.json", "//ready", "*")) {
                assertEquals(404, probe.ask("GET", target).status(), target);
            }
            assertEquals(404, probe.ask("POST", "/").status());
            assertEquals(200, probe.ask("GET", "/ready?verbose=1").status());
            Probe.Answer refused = probe.ask("POST", "/ready");
            assertEquals(405, refused.status());
            assertEquals("GET, HEAD", refused.head().field("Allow").orElseThrow());
            assertEquals(405, probe.ask("OPTIONS", "/live").status());
            server.assertStops();
        }
    }

    @Test
    void slowClientsAreCutOffAndHinderNobody() throws Exception {
        try (RunningServer server = RunningServer.start(ONE).awaitReady(1)) {
            Probe probe = Probe.of(server);
            await().atMost(PATIENCE).pollInterval(POLL).until(probe::isReady);
            Set<String> open = OpenFiles.of(server.pid());
            List<String> complaints = server.complaints();
            List<RawConnection> slow = new ArrayList<>();
            for (String beginning : List.of("", "GET /rea", "GET /ready HTTP/1.1\r\nHost: test\r\nX-Slow: ",
                    "POST /ready HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n")) {
                for (int i = 0; i < 25; i++) {
                    slow.add(RawConnection.toPort(probe.port()).send(beginning));
                }
            }
            long before = System.nanoTime();
            for (int i = 0; i < 3; i++) {
                assertTrue(probe.isReady());
                assertEquals(200, probe.live().status());
            }
            Duration took = Duration.ofNanos(System.nanoTime() - before);
            assertTrue(took.compareTo(LONGEST_SLOWNESS) < 0, "they were not answered meanwhile: " + took);
            for (RawConnection connection : slow) {
                assertTrue(isCutOff(connection));
                connection.close();
            }
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertEquals(Set.of(), OpenFiles.addedTo(open, server.pid())));
            assertEquals(complaints, server.complaints());
            server.assertStops();
        }
    }

    @Test
    void moreClientsThanThereMayBeAreSentAwayAndForgotten() throws Exception {
        try (RunningServer server = RunningServer.start(ONE).awaitReady(1)) {
            Probe probe = Probe.of(server);
            await().atMost(PATIENCE).pollInterval(POLL).until(probe::isReady);
            Set<String> open = OpenFiles.of(server.pid());
            int threads = threads(server);
            List<RawConnection> many = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                many.add(RawConnection.toPort(probe.port()));
                many.getLast().send(i % 2 == 0 ? "x" : "G".repeat(i));
            }
            assertTrue(threads(server) <= threads + 150, "a thread each, and those of the JVM");
            assertTrue(Client.http(server.port(0)).get("/hello").isComplete("hello\n"));
            for (RawConnection connection : many) {
                assertTrue(isCutOff(connection));
                connection.close();
            }
            await().atMost(PATIENCE).ignoreExceptions().until(probe::isReady);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertEquals(Set.of(), OpenFiles.addedTo(open, server.pid())));
            server.assertStops();
        }
    }

    @Test
    void whatIsNoRequestChangesNothing() throws Exception {
        try (RunningServer server = RunningServer.start(ONE).awaitReady(1)) {
            Probe probe = Probe.of(server);
            await().atMost(PATIENCE).pollInterval(POLL).until(probe::isReady);
            Set<String> open = OpenFiles.of(server.pid());
            List<String> complaints = server.complaints();
            for (String bytes : List.of("\0\0\0\0", "\r\n\r\n\r\nx\r\n\r\n", "GET\r\n\r\n", "GET /ready\r\n\r\n",
                    "\u0016\u0003\u0001", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET mailto:x HTTP/1.1\r\n\r\n",
                    "GET /%zz HTTP/1.1\r\n\r\n", "GET /ready HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                    "GET /ready HTTP/1.1\r\n: x\r\n\r\n", "GET /ready HTTP/1.1\r\nX: " + "x".repeat(20_000))) {
                for (int i = 0; i < 130; i++) { // more than there may be at once
                    try (RawConnection connection = RawConnection.toPort(probe.port())) {
                        connection.send(bytes);
                    } catch (IOException _) {
                        // it was cut off while it sent
                    }
                }
            }
            await().atMost(PATIENCE).ignoreExceptions().until(probe::isReady);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertEquals(Set.of(), OpenFiles.addedTo(open, server.pid())));
            assertEquals(complaints, server.complaints());
            server.assertStops();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {":0", "[::]:0"})
    void allAddressesAreThoseOfIpv4AndIpv6(String address) throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/net/if_inet6")), "this machine has no IPv6");
        try (RunningServer server = RunningServer.start(ONE.replace("status = 127.0.0.1:0", "status = " + address))
                .awaitReady(1)) {
            Probe probe = Probe.of(server);
            await().atMost(PATIENCE).pollInterval(POLL).until(probe::isReady);
            for (String own : List.of("127.0.0.1", "::1")) {
                Client client = new Client(new InetSocketAddress(own, probe.port()), Client.Protocol.HTTP);
                assertTrue(client.get("/ready").text().startsWith("HTTP/1.1 200 "), own);
            }
            server.assertStops();
        }
    }

    @Test
    void aBusyPortPreventsTheStart() throws Exception {
        try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + busy.getLocalPort();
            try (RunningServer server =
                    RunningServer.start(ONE.replace("status = 127.0.0.1:0", "status = " + address))) {
                assertEquals(69, server.exitStatus());
                assertTrue(server.firstLine(
                        "cannot listen on " + address + " \\(status\\): bind: Address already in use")
                        .isPresent(), server.log());
                assertEquals(0, server.matches("spawned").size());
                server.succeeded();
            }
        }
    }

    @Test
    void anUnknownHostPreventsTheStart() throws Exception {
        try (RunningServer server = RunningServer.start(
                ONE.replace("status = 127.0.0.1:0", "status = no.such.host.:9100"))) {
            assertEquals(69, server.exitStatus());
            assertTrue(server.firstLine("cannot listen on no.such.host.:9100 \\(status\\): no.such.host").isPresent(),
                    server.log());
            server.succeeded();
        }
    }

    /// Holds the start of a worker up until there is a file.
    private String warmup() {
        return "warmup = GET /wait?until=" + gate() + "\n";
    }

    private Path gate() {
        return temporary.resolve("gate");
    }

    private static void assertIs(int status, String text, Probe.Answer answer) {
        assertEquals(status, answer.status(), answer::rest);
        assertEquals(text, answer.rest());
    }

    /// Waits for it. An answer may come before.
    private static boolean isCutOff(RawConnection connection) {
        try {
            while (!connection.isEnded()) {}
            return true;
        } catch (java.net.SocketTimeoutException _) {
            return false;
        } catch (IOException _) {
            return true; // by a reset
        }
    }

    /// Of the master.
    private static int threads(RunningServer server) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + server.pid() + "/task"))) {
            return (int) all.count();
        }
    }
}
