package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
            Path go = server.folder().resolve("go");
            CompletionService<RawConnection.Reply> replies = new ExecutorCompletionService<>(clients);
            for (int i = 0; i < 3; i++) {
                replies.submit(() -> get(server, "/wait?until=" + go));
            }
            RawConnection.Reply refused = replies.take().get(); // none of the others ends before it is here
            assertEquals(503, refused.status());
            assertEquals("1", refused.field("Retry-After").orElse("absent"));
            Files.createFile(go);
            for (int i = 0; i < 2; i++) {
                RawConnection.Reply served = replies.take().get();
                assertEquals(200, served.status());
                assertEquals("absent", served.field("Retry-After").orElse("absent"));
            }
            server.awaitLog("1 requests were answered with 503 .*threads-wait", 1);
            server.succeeded();
        }
    }

    private static RawConnection.Reply get(RunningServer server, String uri) throws IOException {
        try (RawConnection connection = RawConnection.toPort(server.port(0))) {
            return connection.send("GET " + uri + " HTTP/1.1\r\nHost: a\r\n\r\n").reply();
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
