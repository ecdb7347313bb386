package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Stops at the worst moments.
class HardStopIT {

    @Test
    void termToEveryProcessAtOnceLosesNoConnectionThatWaits() throws Exception {
        try (RunningServer server = RunningServer.start(
                "http = app.sock\nprocesses = 2\nmax-connections = 1\n" + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(2);
            List<SocketChannel> clients = new ArrayList<>();
            for (int i = 0; i < 8; i++) { // two are served, the others wait in the kernel's queue
                clients.add(request(server, "/sleep?ms=300"));
            }

            List<String> command = new ArrayList<>(List.of("kill", "-TERM"));
            LongStream.concat(LongStream.of(server.pid()), server.workers().stream().mapToLong(Long::longValue))
                    .forEach(pid -> command.add(Long.toString(pid)));
            assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());

            for (SocketChannel client : clients) {
                assertTrue(response(client).startsWith("HTTP/1.1 200 "));
            }
            assertEquals(0, server.exitStatus());
            server.succeeded();
        }
    }

    @Test
    void aWorkerThatIsFullOfIdleConnectionsStopsSoon() throws Exception {
        try (RunningServer server = RunningServer.start(
                "http = app.sock\nmax-connections = 2\nreload-mercy = 20\n" + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(1);
            try (SocketChannel _ = request(server, "/hello"); SocketChannel _ = request(server, "/hello")) {
                await().until(() -> server.matches("GET /hello").size() == 2);
                long asked = System.nanoTime();
                server.signal("TERM");
                assertEquals(0, server.exitStatus());
                assertTrue(Duration.ofNanos(System.nanoTime() - asked).toSeconds() < 10, "stopped before reload-mercy");
            }
            server.succeeded();
        }
    }

    @Test
    void aSecondSignalEndsAFullWorkerWithoutAMaster() throws Exception {
        try (RunningServer server = RunningServer.start("http = app.sock\nmaster = false\nmax-connections = 1\n"
                + "reload-mercy = 60\n" + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(1);
            try (SocketChannel _ = request(server, "/sleep?ms=100000"); SocketChannel _ = request(server, "/hello")) {
                server.signal("TERM");
                server.awaitLog("stopping", 1);
                server.signal("TERM");
                assertEquals(75, server.exitStatus());
            }
            server.succeeded();
        }
    }

    @Test
    void aWorkerThatCannotBeStartedEndsAFirstStart() throws Exception {
        String tooLong = "x".repeat(140_000); // the kernel takes strings up to 128 KiB
        try (RunningServer server =
                RunningServer.start("http = app.sock\nenv = LONG=" + tooLong + "\n" + RunningServer.TEST_APPLICATION)) {
            assertEquals(70, server.exitStatus());
            assertTrue(server.firstLine("worker 1 cannot be started: .*Argument list too long").isPresent(), server.log());
            server.succeeded();
        }
    }

    @Test
    void aConfigurationThatCannotBeHandedOverIsRefused() throws Exception {
        StringBuilder variables = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            variables.append("set-ph = v").append(i).append('=').append("x".repeat(1000)).append('\n');
        }
        for (String master : List.of("true", "false")) {
            try (RunningServer server = RunningServer.start("http = app.sock\nmaster = " + master + "\n" + variables
                    + RunningServer.TEST_APPLICATION)) {
                assertEquals(78, server.exitStatus());
                assertTrue(server.firstLine("the configuration comes to 20\\d{4} bytes").isPresent(), server.log());
                server.succeeded();
            }
        }
    }

    @Test
    void everyListenerIsServedByAWorkerWithASinglePlace() throws Exception {
        try (RunningServer server = RunningServer.start(
                "http = app.sock\nhttp = other.sock\nmax-connections = 1\n" + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(1);
            for (String name : List.of("app.sock", "other.sock", "app.sock")) {
                try (SocketChannel client = request(server.folder().resolve(name), "/hello")) {
                    assertTrue(response(client).startsWith("HTTP/1.1 200 "));
                }
            }
            server.succeeded();
        }
    }

    private static SocketChannel request(RunningServer server, String uri) throws IOException {
        return request(server.folder().resolve("app.sock"), uri);
    }

    private static SocketChannel request(Path socket, String uri) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        channel.write(ByteBuffer.wrap(("GET " + uri + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII)));
        return channel;
    }

    /// The beginning of a response, then the client hangs up.
    private static String response(SocketChannel client) throws IOException {
        try (client) {
            ByteBuffer bytes = ByteBuffer.allocate(4096);
            client.read(bytes);
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
        }
    }
}
