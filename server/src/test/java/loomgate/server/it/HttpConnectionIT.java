package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What HTTP clients may do that nginx does not: the http listener by itself.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HttpConnectionIT {

    private RunningServer server;

    @RegisterExtension
    final Failures failures = new Failures();

    @BeforeAll
    void startServer() throws IOException {
        server = RunningServer.start("http = 127.0.0.1:0\n" + RunningServer.TEST_APPLICATION).awaitReady(1);
    }

    @AfterAll
    void endServer() throws IOException {
        if (!failures.any()) {
            server.succeeded();
        }
        server.close();
    }

    private RawConnection connection() throws IOException {
        return RawConnection.toPort(server.port(0));
    }

    @Test
    void aConnectionIsKeptForManyRequests() throws Exception {
        try (RawConnection connection = connection()) {
            for (int i = 0; i < 50; i++) {
                RawConnection.Reply reply = connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").reply();
                assertEquals("HTTP/1.1 200 OK", reply.statusLine());
                assertEquals("hello\n", reply.text());
            }
        }
    }

    @Test
    void requestsSentAheadAreAnsweredInTheirOrder() throws Exception {
        try (RawConnection connection = connection()) {
            connection.send("""
                    GET /sleep?ms=100 HTTP/1.1\r
                    Host: a\r
                    \r
                    POST /checksum HTTP/1.1\r
                    Host: a\r
                    Content-Length: 3\r
                    \r
                    \0\1\2POST /ignore HTTP/1.1\r
                    Host: a\r
                    Content-Length: 5\r
                    \r
                    abcdeGET /hello HTTP/1.1\r
                    Host: a\r
                    Connection: close\r
                    \r
                    """);
            assertEquals("slept\n", connection.reply().text());
            assertEquals(TestBytes.checksumPage(3), connection.reply().text());
            assertEquals("ignored\n", connection.reply().text());
            assertEquals("hello\n", connection.reply().text());
            assertTrue(connection.isEnded());
        }
    }

    @Test
    void aClientThatWaitsIsAskedForTheBodyWhenTheApplicationReadsIt() throws Exception {
        try (RawConnection connection = connection()) {
            connection.send("""
                    POST /checksum HTTP/1.1\r
                    Host: a\r
                    Content-Length: 3\r
                    Expect: 100-continue\r
                    \r
                    """);
            assertEquals("HTTP/1.1 100 Continue", connection.reply().statusLine());
            assertEquals(TestBytes.checksumPage(3), connection.send("\0\1\2").reply().text());
            assertEquals("hello\n", connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").reply().text());
        }
    }

    @Test
    void aClientThatWaitsIsNotAskedForABodyThatNobodyWants() throws Exception {
        try (RawConnection connection = connection()) {
            RawConnection.Reply reply = connection.send("""
                    POST /ignore HTTP/1.1\r
                    Host: a\r
                    Content-Length: 3\r
                    Expect: 100-continue\r
                    \r
                    """).reply();
            assertEquals(200, reply.status());
            assertEquals("close", reply.field("Connection").orElse("absent"));
            assertEquals("ignored\n", reply.text());
            assertTrue(connection.isEnded());
        }
    }

    @Test
    void aChunkedBodyArrivesAndTheConnectionIsKept() throws Exception {
        try (RawConnection connection = connection()) {
            connection.send("""
                    POST /checksum HTTP/1.1\r
                    Host: a\r
                    Transfer-Encoding: chunked\r
                    \r
                    1\r
                    \0\r
                    2;name=value\r
                    \1\2\r
                    0\r
                    X-Sum: ignored\r
                    \r
                    """);
            assertEquals(TestBytes.checksumPage(3), connection.reply().text());
            assertEquals("hello\n", connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").reply().text());
        }
    }

    @Test
    void aStreamIsChunkedForHttp11() throws Exception {
        try (RawConnection connection = connection()) {
            RawConnection.Reply reply = connection.send(
                    "GET /stream?lines=2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").reply();
            assertEquals("chunked", reply.field("Transfer-Encoding").orElse("absent"));
            assertEquals("7\r\nline 0\n\r\n7\r\nline 1\n\r\n0\r\n\r\n", reply.rest());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "HEAD /hello", "HEAD /large?bytes=1000", "HEAD /stream?lines=3", "HEAD /nowhere", "GET /status?code=204",
        "GET /status?code=304", "HEAD /status?code=204"
    })
    void anAnswerWithoutBodyIsFollowedByTheNext(String request) throws Exception {
        try (RawConnection connection = connection()) {
            connection.send(request + " HTTP/1.1\r\nHost: a\r\n\r\n").reply();
            RawConnection.Reply next = connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").reply();
            assertEquals("HTTP/1.1 200 OK", next.statusLine());
            assertEquals("hello\n", next.text());
        }
    }

    @Test
    void aStreamThatBreaksOffHasNoGoodEnd() throws Exception {
        try (RawConnection connection = connection()) {
            RawConnection.Reply reply =
                    connection.send("GET /break-chunks?bytes=100000 HTTP/1.1\r\nHost: a\r\n\r\n").reply();
            assertThrows(SocketException.class, reply::rest); // a reset, which nobody takes for the end
        }
        server.awaitLog("GET /break-chunks\\?bytes=100000: the response is cut off", 1);
    }

    @Test
    void aStreamEndsWithTheConnectionForHttp10() throws Exception {
        try (RawConnection connection = connection()) {
            RawConnection.Reply reply = connection.send("GET /stream?lines=2 HTTP/1.0\r\n\r\n").reply();
            assertEquals("absent", reply.field("Transfer-Encoding").orElse("absent"));
            assertEquals("line 0\nline 1\n", reply.rest());
        }
    }

    @Test
    void http10IsAnsweredAndTheConnectionEnds() throws Exception {
        try (RawConnection connection = connection()) {
            RawConnection.Reply reply = connection.send("GET /hello HTTP/1.0\r\n\r\n").reply();
            assertEquals(200, reply.status());
            assertEquals("hello\n", reply.rest());
        }
    }

    @Test
    void http10IsKeptIfTheClientAsks() throws Exception {
        try (RawConnection connection = connection()) {
            for (int i = 0; i < 3; i++) {
                RawConnection.Reply reply =
                        connection.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").reply();
                assertEquals("keep-alive", reply.field("Connection").orElse("absent"));
                assertEquals("hello\n", reply.text());
            }
        }
    }

    @Test
    void aMalformedRequestIsAnsweredAndTheConnectionEnds() throws Exception {
        try (RawConnection connection = connection()) {
            RawConnection.Reply reply = connection.send("GET /hello HTTP/1.1\r\nHost : a\r\n\r\n").reply();
            assertEquals(400, reply.status());
            assertEquals("close", reply.field("Connection").orElse("absent"));
            assertEquals("400 Bad Request: there is a space within a header field's name or between it and the colon\n",
                    reply.rest());
        }
    }

    @Test
    void theAnswerToARefusedRequestIsNotLostToWhatIsStillBeingSent() throws Exception {
        try (RawConnection connection = connection()) {
            connection.send("POST /checksum HTTP/1.1\r\nHost: a\r\nContent-Length: +1000000\r\n\r\n");
            connection.send(new byte[1_000_000]);
            RawConnection.Reply reply = connection.reply();
            assertEquals(400, reply.status());
            assertEquals("400 Bad Request: Content-Length is no number, or too large\n", reply.rest());
        }
    }

    @Test
    void aClientThatHasEndedItsSideIsAnswered() throws Exception {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port(0))) {
            client.getOutputStream().write("""
                    POST /checksum HTTP/1.1\r
                    Host: a\r
                    Content-Length: 3\r
                    \r
                    \0\1\2GET /hello HTTP/1.1\r
                    Host: a\r
                    \r
                    """.getBytes(StandardCharsets.ISO_8859_1));
            client.shutdownOutput();
            String answers = new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertTrue(answers.contains(TestBytes.checksumPage(3) + "HTTP/1.1 200 OK"), answers);
            assertTrue(answers.endsWith("\r\n\r\nhello\n"), answers);
        }
    }

    @Test
    void traceReflectsNothing() throws Exception {
        try (RawConnection connection = connection()) {
            RawConnection.Reply reply =
                    connection.send("TRACE /hello HTTP/1.1\r\nHost: a\r\nX-Secret: of the gateway\r\n\r\n").reply();
            assertEquals(501, reply.status());
            assertFalse(reply.rest().contains("of the gateway"));
        }
    }

    @Test
    void aRefusedRequestHasOneLineWithItsPeerAndTheReason() throws Exception {
        try (RawConnection connection = connection()) {
            connection.send("GET /hello HTTP/1.1\r\nHost: a:http\r\n\r\n").reply();
            server.awaitLog("(?m)^.* WARN .*bad request from 127\\.0\\.0\\.1:\\d+"
                    + ": 400 Host is invalid$", 1);
        }
    }

    @Test
    void aRefusedBodyHasOneLineWithItsPeerAndTheReason() throws Exception {
        try (RawConnection connection = connection()) {
            RawConnection.Reply reply = connection.send(
                    "POST /checksum HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\n").reply();
            assertEquals(400, reply.status());
            server.awaitLog("(?m)^.* WARN .*bad request body from 127\\.0\\.0\\.1:\\d+"
                    + ": POST /checksum: 400 a chunk's size is followed by something that is no extension$", 1);
        }
    }

    @Test
    void tlsOnTheWrongSocketIsNamedInTheLog() throws Exception {
        InetAddress host = InetAddress.getLoopbackAddress();
        try (Socket client = SSLSocketFactory.getDefault().createSocket(host, server.port(0))) {
            assertThrows(SSLException.class, ((SSLSocket) client)::startHandshake);
            server.awaitLog("(?m)bad request from 127\\.0\\.0\\.1:" + client.getLocalPort()
                    + ": 400 looks like TLS: this listener speaks plain HTTP; use http://", 1);
        }
    }

    @Test
    void theUwsgiProtocolOnTheWrongSocketIsNamedInTheLog() throws Exception {
        try (RawConnection connection = connection()) {
            assertEquals(400, connection.send(new byte[] {0, 4, 0, 0, 1, 0, 'a', 0}).reply().status());
            server.awaitLog("looks like the uwsgi protocol: this listener speaks HTTP", 1);
        }
    }
}
