package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// More requests than `threads`.
class BusyWorkerIT {

    @Test
    void aRequestThatFindsNoPlaceInTimeIsToldToComeAgain() throws Exception {
        try (RunningServer server = RunningServer.start("""
                http = 127.0.0.1:0
                threads = 2
                threads-wait = 0.2
                """ + RunningServer.TEST_APPLICATION).awaitReady(1);
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            long started = System.nanoTime();
            List<Future<RawConnection.Reply>> pending =
                    clients.invokeAll(Collections.nCopies(3, () -> sleepPage(server)));
            List<RawConnection.Reply> replies = new ArrayList<>();
            for (Future<RawConnection.Reply> reply : pending) {
                replies.add(reply.get());
            }
            assertTrue(System.nanoTime() - started < 2_200_000_000L, "the third was kept until another had ended");
            assertEquals(List.of(200, 200, 503), replies.stream().map(RawConnection.Reply::status).sorted().toList());
            for (RawConnection.Reply reply : replies) {
                assertEquals(reply.status() == 503 ? "1" : "absent", reply.field("Retry-After").orElse("absent"));
            }
            server.awaitLog("1 requests were answered with 503 .*threads-wait", 1);
            server.succeeded();
        }
    }

    private static RawConnection.Reply sleepPage(RunningServer server) throws IOException {
        try (RawConnection connection = RawConnection.toPort(server.port(0))) {
            return connection.send("GET /sleep?ms=1200 HTTP/1.1\r\nHost: a\r\n\r\n").reply();
        }
    }

    @Test
    void everyListenerIsServedHoweverFewConnectionsThereMayBe() throws Exception {
        try (RunningServer server = RunningServer.start("""
                http = 127.0.0.1:0
                http = 127.0.0.1:0
                http = 127.0.0.1:0
                max-connections = 1
                """ + RunningServer.TEST_APPLICATION).awaitReady(1)) {
            for (int listener : List.of(0, 2, 1, 1, 2, 0)) {
                try (RawConnection connection = RawConnection.toPort(server.port(listener))) {
                    assertEquals(200, connection.send("GET /hello HTTP/1.0\r\n\r\n").reply().status());
                }
            }
            server.succeeded();
        }
    }

    @Test
    void aRequestThatFindsAPlaceInTimeIsServed() throws Exception {
        try (RunningServer server = RunningServer.start("""
                http = 127.0.0.1:0
                threads = 1
                """ + RunningServer.TEST_APPLICATION).awaitReady(1);
                RawConnection first = RawConnection.toPort(server.port(0));
                RawConnection second = RawConnection.toPort(server.port(0))) {
            first.send("GET /sleep?ms=300 HTTP/1.1\r\nHost: a\r\n\r\n");
            second.send("GET /running HTTP/1.1\r\nHost: a\r\n\r\n");
            assertEquals("slept\n", first.reply().text());
            assertEquals("1\n", second.reply().text());
            server.succeeded();
        }
    }
}
