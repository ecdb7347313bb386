package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import loomgate.server.os.OpenFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A peer that goes away costs nobody anything, and is no error.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class VanishingPeerIT {

    @Test
    void whoeverLeavesInTheMiddleIsForgotten() throws Exception {
        try (RunningServer server =
                RunningServer.start("http = 127.0.0.1:0\n" + RunningServer.TEST_APPLICATION).awaitReady(1)) {
            long worker = server.workers().getFirst();
            // whose first request may open what stays
            assertTrue(Client.http(server.port(0)).get("/hello").isComplete("hello\n"));
            Set<String> before = OpenFiles.of(worker);
            List<String> beginnings = List.of(
                    "GET",
                    "GET /hello HTTP/1.1\r\nHost: a\r\n",
                    "GET /large?bytes=50000000 HTTP/1.1\r\nHost: a\r\n\r\n",
                    "GET /stream?lines=1000000 HTTP/1.1\r\nHost: a\r\n\r\n",
                    "GET /sleep?ms=100 HTTP/1.1\r\nHost: a\r\n\r\n",
                    "POST /checksum HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc",
                    "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc",
                    "POST /checksum HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
            for (String beginning : beginnings) {
                for (int i = 0; i < 5; i++) {
                    try (RawConnection connection = RawConnection.toPort(server.port(0))) {
                        connection.send(beginning);
                    }
                }
            }
            try (RawConnection connection = RawConnection.toPort(server.port(0))) {
                connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
                assertEquals("hello\n", connection.reply().text());
            }
            server.awaitLog(" /(large|stream|sleep|checksum|ignore)\\S* => generated", 30);
            // a connection ends after its last line, or without one
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() ->
                    assertEquals(List.of(), OpenFiles.addedTo(before, worker).stream()
                            .filter(name -> name.contains(" socket:")).toList()));
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            assertEquals(1, server.matches("stopping, [01] connections open").size(), "connections were left");
            assertEquals(List.of(), server.matches(" ERROR |Exception").stream().map(match -> match.group()).toList());
            server.succeeded();
        }
    }
}
