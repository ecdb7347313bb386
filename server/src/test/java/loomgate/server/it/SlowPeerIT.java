package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import loomgate.server.protocol.uwsgi.Packet;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Peers that send, or take, too little for `socket-timeout`; others are served meanwhile.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SlowPeerIT {

    private RunningServer server;
    private final String name = "loomgate-it-slow-" + ProcessHandle.current().pid();

    @RegisterExtension
    final Failures failures = new Failures();

    @BeforeAll
    void startServer() throws IOException {
        server = RunningServer.start("""
                http = 127.0.0.1:0
                socket = 127.0.0.1:0
                socket = @%s
                socket-timeout = 1
                %s""".formatted(name, RunningServer.TEST_APPLICATION)).awaitReady(1);
    }

    @AfterAll
    void endServer() throws IOException {
        if (!failures.any()) {
            server.succeeded();
        }
        server.close();
    }

    private RawConnection http() throws IOException {
        return RawConnection.toPort(server.port(0));
    }

    private RawConnection uwsgiOverTcp() throws IOException {
        return RawConnection.toPort(server.port(1));
    }

    private RawConnection uwsgi() throws IOException {
        return RawConnection.toAbstractSocket(name);
    }

    private void assertOthersAreServed() throws Exception {
        try (RawConnection other = http()) {
            assertEquals(200, other.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").reply().status());
        }
    }

    private static void assertInTime(long startedNanos) {
        long ms = (System.nanoTime() - startedNanos) / 1_000_000;
        assertTrue(ms >= 900 && ms < 5000, "it took " + ms + " ms");
    }

    @Test
    void aSilentPeerIsSentAway() throws Exception {
        long started = System.nanoTime();
        try (RawConnection overTcp = http(); RawConnection overUnix = uwsgi()) {
            assertOthersAreServed();
            assertTrue(overUnix.isEnded());
            assertInTime(started);
            assertTrue(overTcp.isEnded());
            assertInTime(started);
        }
    }

    @Test
    void aHeadThatStopsIsAnsweredWith408() throws Exception {
        long started = System.nanoTime();
        try (RawConnection overTcp = http().send("GET /hello HT"); RawConnection overUnix = uwsgi()) {
            overUnix.send(new byte[] {0, 50, 0, 0, 3});
            assertOthersAreServed();
            assertEquals(408, overUnix.reply().status());
            assertEquals(408, overTcp.reply().status());
            assertInTime(started);
        }
    }

    @Test
    void aHeadThatDripsIsAnsweredWith408() throws Exception {
        long started = System.nanoTime();
        try (RawConnection connection = http().send("GET /hello HTTP/1.1\r\nX: ")) {
            new Drips().fallFor(Duration.ofMillis(1300), connection);
            assertOthersAreServed();
            assertEquals(408, connection.reply().status());
            assertInTime(started);
        }
    }

    @Test
    void aBodyThatStopsIsAnsweredWith408() throws Exception {
        long started = System.nanoTime();
        try (RawConnection overTcp = http(); RawConnection overUnix = uwsgi()) {
            overTcp.send("POST /checksum HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
            overUnix.send(new Packet(0).with("REQUEST_METHOD", "POST").with("REQUEST_URI", "/checksum")
                    .with("PATH_INFO", "/checksum").with("SERVER_PROTOCOL", "HTTP/1.1").with("CONTENT_LENGTH", "10")
                    .bytes());
            assertOthersAreServed();
            assertEquals(408, overTcp.reply().status());
            assertEquals(408, overUnix.reply().status());
            assertInTime(started);
        }
    }

    @Test
    void aBodyThatDripsIsReadAsLongAsItDrips() throws Exception {
        withoutPauses((connection, drips) -> {
            connection.send("POST /checksum HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
            int dripped = drips.fallFor(Duration.ofMillis(1500), connection);
            connection.send("x".repeat(100 - dripped));
            drips.noteFall();
            assertEquals(200, connection.reply().status());
        });
    }

    @Test
    void aPeerThatTakesNothingIsCutOff() throws Exception {
        try (RawConnection connection = http()) {
            connection.send("GET /large?bytes=100000000 HTTP/1.1\r\nHost: a\r\n\r\n");
            // its line in the request log says that it has ended
            server.awaitLog("GET /large\\?bytes=100000000 => generated \\d{1,8} bytes", 1);
            assertOthersAreServed();
        }
    }

    /// Nothing but the kind of its end tells whether such an answer is whole.
    @Test
    void anAnswerWithoutALengthThatIsCutOffHasNoGoodEnd() throws Exception {
        try (RawConnection http10 = http(); RawConnection uwsgi = uwsgiOverTcp()) {
            http10.send("GET /endless?bytes=100000000&of=http HTTP/1.0\r\n\r\n");
            uwsgi.send(new Packet(0).with("REQUEST_METHOD", "GET")
                    .with("REQUEST_URI", "/endless?bytes=100000000&of=uwsgi")
                    .with("PATH_INFO", "/endless").with("QUERY_STRING", "bytes=100000000&of=uwsgi")
                    .with("SERVER_PROTOCOL", "HTTP/1.1").bytes());
            for (String of : List.of("http", "uwsgi")) {
                server.awaitLog("WARN request \\d+: GET /endless\\?bytes=100000000&of=" + of
                        + " from 127.0.0.1: its answer is cut off: the peer took less than 500 bytes in 1000 ms\n", 1);
            }
            assertThrows(SocketException.class, http10.reply()::rest);
            assertThrows(SocketException.class, uwsgi.reply()::rest);
        }
    }

    @Test
    void aHeadOfWhichTheBeginningCameWithTheRequestBeforeHasTheTimeOfAHead() throws Exception {
        long started = System.nanoTime();
        try (RawConnection connection = http().send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\nG")) {
            assertEquals("hello\n", connection.reply().text());
            assertEquals(408, connection.reply().status());
            assertInTime(started);
        }
    }

    @Test
    void theRestOfAnAnsweredRequestMayDripAndTheConnectionIsKept() throws Exception {
        withoutPauses((connection, drips) -> {
            connection.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
            assertEquals("ignored\n", connection.reply().text());
            int dripped = drips.fallFor(Duration.ofMillis(1500), connection);
            connection.send("x".repeat(100 - dripped) + "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
            drips.noteFall();
            assertEquals("hello\n", connection.reply().text());
        });
    }

    @Test
    void theRestOfAnAnsweredRequestMayNotPauseForTheTimeBetweenRequests() throws Exception {
        try (RawConnection connection = http()) {
            long started = System.nanoTime();
            connection.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx");
            assertEquals("ignored\n", connection.reply().text());
            assertTrue(connection.isEnded());
            assertInTime(started);
        }
    }

    @Test
    void manySilentPeersKeepNobodyOut() throws Exception {
        RawConnection[] silent = new RawConnection[200];
        for (int i = 0; i < silent.length; i++) {
            silent[i] = uwsgi();
        }
        assertOthersAreServed();
        for (RawConnection connection : silent) {
            assertTrue(connection.isEnded());
            connection.close();
        }
    }

    /// What is sent on a connection that the server has to keep.
    private interface Course {

        void run(RawConnection connection, Drips drips) throws IOException;
    }

    /// Repeats what failed while this machine kept the drips back for so long that the server may have had enough.
    private void withoutPauses(Course course) throws IOException {
        while (true) {
            Drips drips = new Drips();
            try (RawConnection connection = http()) {
                course.run(connection, drips);
                return;
            } catch (IOException | AssertionError e) {
                if (!drips.hadAPause()) {
                    throw e;
                }
            }
        }
    }

    /// Bytes that are sent one by one, and how long the server has waited for one.
    private static final class Drips {

        private static final Duration PAUSE = Duration.ofMillis(500); // half of socket-timeout

        private int count;
        private long lastFall = System.nanoTime();
        private long longestWait;

        /// Sends a byte now and then for so long, or until the peer takes no more, and returns how many.
        int fallFor(Duration time, RawConnection connection) {
            try {
                await().pollInSameThread().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(50)).atMost(time)
                        .until(() -> !isTaken(connection));
            } catch (ConditionTimeoutException _) {
                // the time is over
            }
            return count;
        }

        private boolean isTaken(RawConnection connection) {
            try {
                connection.send("x");
                count++;
                return true;
            } catch (IOException _) {
                return false;
            } finally {
                noteFall();
            }
        }

        /// Something has just been sent.
        void noteFall() {
            long now = System.nanoTime();
            longestWait = Math.max(longestWait, now - lastFall);
            lastFall = now;
        }

        boolean hadAPause() {
            return longestWait >= PAUSE.toNanos();
        }
    }
}
