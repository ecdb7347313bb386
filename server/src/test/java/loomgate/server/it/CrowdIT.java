package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import loomgate.server.it.Crowd.Part;
import loomgate.server.protocol.uwsgi.Packet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/// Connections by the thousand that are of no use, while others are served.
@Isolated("what it measures takes the machine for itself")
@Timeout(300)
class CrowdIT {

    private static final int IDLE = Soak.of(250, 10_000);
    private static final int DRIPPING = Soak.of(50, 2_000);
    private static final int PER_SECOND = 200;
    private static final int LEAST_BESIDE_A_FLOOD = 50; // requests, or a fast machine has it behind it before any
    private static final Duration LONGEST_OF_NEARLY_ALL = Duration.ofMillis(100); // of 99 in 100

    /// In full, they stay for a while, so that there are as many as that at once.
    private static final String INI = """
            http = 127.0.0.1:0
            socket = app.sock
            max-connections = %d
            listen = 4096
            socket-timeout = %d
            min-rate-grace = 10
            post-buffering = 65536
            """.formatted(IDLE + DRIPPING + 500, Soak.of(2, 20))
            + RunningServer.TEST_APPLICATION.replace("-Xmx128m", Soak.IS_FULL ? "-Xmx512m" : "-Xmx128m");

    private static final String BODY_TO_COME = "POST /checksum HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n";

    @Test
    void thousandsOfIdleAndDrippingConnectionsKeepNobodyFromBeingServed() throws Exception {
        try (RunningServer server = RunningServer.start(INI).awaitReady(1);
                GoodRequests good = goodRequests(server)) {
            SocketAddress http = Crowd.port(server.port(0));
            SocketAddress uwsgi = Crowd.path(server.folder().resolve("app.sock"));
            long worker = server.workers().getFirst();
            await().atMost(Duration.ofSeconds(60)).until(() -> good.count() > Soak.of(200, 2000)); // the JVM warms up
            assertNextAreServedWell("alone", good, Soak.of(200, 1000));
            long before = ProcessFiles.residentBytes(worker);
            try (Crowd idle = Crowd.gather(idle(http, uwsgi))) {
                await().atMost(Duration.ofSeconds(60)).until(() -> idle.open() >= IDLE);
                System.out.printf("an idle connection takes %d bytes of resident memory%n",
                        (ProcessFiles.residentBytes(worker) - before) / IDLE);
                assertNextAreServedWell("beside " + IDLE + " idle connections", good, Soak.of(200, 2000));
                try (Crowd dripping = Crowd.gather(dripping(http, uwsgi))) {
                    await().atMost(Duration.ofSeconds(60)).until(() -> dripping.open() >= DRIPPING);
                    assertNextAreServedWell("beside " + IDLE + " idle and " + DRIPPING + " dripping connections", good,
                            Soak.of(600, 12_000));
                    await().untilAsserted(() -> // whoever is sent away comes back, one after the other
                            assertTrue(idle.open() + dripping.open() >= (IDLE + DRIPPING) * 9 / 10,
                                    () -> idle.open() + " idle and " + dripping.open() + " dripping are left"));
                    assertTrue(dripping.endings() > 0, "whoever drips is sent away in the end");
                    assertEquals(200, status(Client.uwsgi(server.folder().resolve("app.sock"))));
                }
            }
            await().until(() -> good.count() >= LEAST_BESIDE_A_FLOOD);
            good.stop();
            assertAllAreGood("while all of them go at once", good.takeOutcomes());
            assertEquals(List.of(worker), server.workers(), "it was another worker in the end");
            server.assertStops();
        }
    }

    private static List<Part> idle(SocketAddress http, SocketAddress uwsgi) {
        List<Part> parts = new ArrayList<>();
        parts.addAll(Collections.nCopies(IDLE * 4 / 10, Part.silent(http)));
        parts.addAll(Collections.nCopies(IDLE * 3 / 10, Part.silent(uwsgi)));
        parts.addAll(Collections.nCopies(IDLE - parts.size(),
                Part.of(http, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", "")));
        return parts;
    }

    private static List<Part> dripping(SocketAddress http, SocketAddress uwsgi) {
        String packet = new String(
                new Packet(0).with("REQUEST_METHOD", "GET").with("REQUEST_URI", "/" + "x".repeat(500)).bytes(),
                StandardCharsets.ISO_8859_1);
        List<Part> parts = new ArrayList<>();
        parts.addAll(Collections.nCopies(DRIPPING * 4 / 10,
                Part.of(http, "", "GET /hello HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(1000))));
        parts.addAll(Collections.nCopies(DRIPPING * 3 / 10, Part.of(uwsgi, "", packet)));
        parts.addAll(Collections.nCopies(DRIPPING - parts.size(), Part.of(http, BODY_TO_COME, "x".repeat(1000))));
        return parts;
    }

    @Test
    void floodsOfTinyPacketsAndOfConnectionsThatSendNothingDisturbNobody() throws Exception {
        try (RunningServer server = RunningServer.start(INI).awaitReady(1);
                GoodRequests good = goodRequests(server)) {
            SocketAddress http = Crowd.port(server.port(0));
            SocketAddress uwsgi = Crowd.path(server.folder().resolve("app.sock"));
            await().until(() -> good.count() > 200);
            good.takeOutcomes();
            for (int i = 0; i < Soak.of(2000, 20_000) || good.count() < LEAST_BESIDE_A_FLOOD; i++) {
                SocketChannel.open(http).close();
                SocketChannel.open(uwsgi).close();
            }
            assertAllAreGood("during a flood of connections that send nothing", good.takeOutcomes());
            byte[] request = ("POST /checksum HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\n\r\n" + "x".repeat(200))
                    .getBytes(StandardCharsets.ISO_8859_1);
            try (RawConnection tiny = RawConnection.toPort(server.port(0))) {
                for (int i = 0; i < Soak.of(20, 1000) || good.count() < LEAST_BESIDE_A_FLOOD; i++) {
                    for (byte b : request) {
                        tiny.send(new byte[] {b});
                    }
                    RawConnection.Reply reply = tiny.reply();
                    assertEquals(200, reply.status());
                    assertTrue(reply.text().endsWith(" 200\n"));
                }
            }
            assertAllAreGood("during a flood of packets of one byte", good.takeOutcomes());
            good.stop();
            server.assertStops();
        }
    }

    private static GoodRequests goodRequests(RunningServer server) {
        return GoodRequests.start(URI.create("http://127.0.0.1:" + server.port(0) + "/hello"), "hello\n", PER_SECOND);
    }

    private static int status(Client client) throws IOException {
        return Integer.parseInt(client.get("/hello").text().substring(9, 12));
    }

    /// Of so many requests from now on, at least.
    private static void assertNextAreServedWell(String when, GoodRequests good, int least) {
        good.takeOutcomes();
        await().atMost(Duration.ofSeconds(120)).until(() -> good.count() >= least);
        Duration ofNearlyAll = assertAllAreGood(when, good.takeOutcomes());
        assertTrue(!Soak.IS_FULL || ofNearlyAll.compareTo(LONGEST_OF_NEARLY_ALL) < 0,
                () -> "99 in 100 within " + ofNearlyAll + " " + when);
    }

    private static Duration assertAllAreGood(String when, List<GoodRequests.Outcome> outcomes) {
        assertEquals(List.of(), GoodRequests.problems(outcomes), when);
        List<Duration> took = outcomes.stream().map(GoodRequests.Outcome::took).sorted().toList();
        Duration ofNearlyAll = took.get(took.size() * 99 / 100);
        System.out.printf("%s: %d good requests, 99 in 100 within %d ms, the slowest %d ms%n", when, took.size(),
                ofNearlyAll.toMillis(), took.getLast().toMillis());
        return ofNearlyAll;
    }
}
