package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import loomgate.server.protocol.uwsgi.Packet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The uwsgi protocol without nginx, on a socket of the abstract name space.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class UwsgiConnectionIT {

    private static final int MIB = (int) TestBytes.MIB;

    private final String name = "loomgate-it-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    private RunningServer server;

    @RegisterExtension
    final Failures failures = new Failures();

    @BeforeAll
    void startServer() throws IOException {
        server = RunningServer.start("""
                socket = @%s
                processes = 2
                %s""".formatted(name, RunningServer.TEST_APPLICATION)).awaitReady(2);
    }

    @AfterAll
    void endServer() throws IOException {
        if (!failures.any()) {
            server.succeeded();
        }
        server.close();
    }

    private RawConnection connection() throws IOException {
        return RawConnection.toAbstractSocket(name);
    }

    private static Packet request(String method, String uri) {
        int question = uri.indexOf('?');
        return new Packet(0)
                .with("REQUEST_METHOD", method)
                .with("REQUEST_URI", uri)
                .with("PATH_INFO", question < 0 ? uri : uri.substring(0, question))
                .with("QUERY_STRING", question < 0 ? "" : uri.substring(question + 1))
                .with("SERVER_PROTOCOL", "HTTP/1.1")
                .with("REMOTE_ADDR", "192.0.2.1")
                .with("HTTP_HOST", "a");
    }

    private static Packet post(String uri, long length) {
        return request("POST", uri).with("CONTENT_LENGTH", Long.toString(length));
    }

    @Test
    void getIsAnsweredAndTheConnectionEnds() throws Exception {
        try (RawConnection connection = connection()) {
            RawConnection.Reply reply = connection.send(request("GET", "/hello").bytes()).reply();
            assertEquals("HTTP/1.1 200 OK", reply.statusLine());
            assertEquals("hello\n", reply.rest());
        }
    }

    @Test
    void headHasNoBody() throws Exception {
        try (RawConnection connection = connection()) {
            RawConnection.Reply reply = connection.send(request("HEAD", "/hello").bytes()).reply();
            assertEquals("6", reply.field("Content-Length").orElse("absent"));
            assertEquals("", reply.rest());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, MIB, 100 * MIB})
    void everyByteOfABodyArrives(int length) throws Exception {
        try (RawConnection connection = connection()) {
            connection.send(post("/checksum", length).bytes()).send(TestBytes.stream(length));
            assertEquals(TestBytes.checksumPage(length), connection.reply().rest());
        }
    }

    @Test
    void everyByteOfALargeResponseArrives() throws Exception {
        try (RawConnection connection = connection()) {
            long length = 100 * TestBytes.MIB;
            RawConnection.Reply reply = connection.send(request("GET", "/large?bytes=" + length).bytes()).reply();
            assertEquals(length, TestBytes.verifiedLength(reply.body()));
        }
    }

    @Test
    void anIgnoredBodyDoesNotTakeTheAnswerAway() throws Exception {
        try (RawConnection connection = connection()) {
            connection.send(post("/ignore", 5 * MIB).bytes()).send(TestBytes.stream(5 * MIB));
            assertEquals("ignored\n", connection.reply().rest());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/throw", "/null"})
    void aFailureOfTheApplicationIs500(String path) throws Exception {
        try (RawConnection connection = connection()) {
            assertEquals(500, connection.send(request("GET", path).bytes()).reply().status());
        }
    }

    @Test
    void theStatusIsTheApplications() throws Exception {
        try (RawConnection connection = connection()) {
            assertEquals(404, connection.send(request("GET", "/nowhere").bytes()).reply().status());
        }
    }

    @Test
    void bothWorkersServe() throws Exception {
        Set<String> workers = new HashSet<>();
        for (int i = 0; i < 1000 && workers.size() < 2; i++) {
            try (RawConnection connection = connection()) {
                workers.add(connection.send(request("GET", "/hello").bytes()).reply().field("X-Worker").orElseThrow());
            }
        }
        assertEquals(2, workers.size(), workers::toString);
    }

    @Test
    void uwsgisControlVariablesHaveNoEffectAndAreNotPassedOn() throws Exception {
        try (RawConnection connection = connection()) {
            Packet packet = request("GET", "/request-variables")
                    .with("UWSGI_FILE", server.folder() + "/run.py")
                    .with("UWSGI_SCRIPT", "evil")
                    .with("UWSGI_MODULE", "evil.Application")
                    .with("UWSGI_CALLABLE", "run")
                    .with("UWSGI_APPID", "evil")
                    .with("UWSGI_CHDIR", "/")
                    .with("UWSGI_HOME", "/")
                    .with("UWSGI_PYHOME", "/")
                    .with("UWSGI_CACHE_GET", "evil")
                    .with("UWSGI_SETENV", "EVIL=yes")
                    .with("UWSGI_TOUCH_RELOAD", server.folder() + "/app.ini")
                    .with("UWSGI_POSTFILE", "/etc/passwd")
                    .with("HTTP_PROXY", "http://evil.example/");
            RawConnection.Reply reply = connection.send(packet.bytes()).reply();
            String variables = reply.rest();
            assertEquals(200, reply.status());
            assertTrue(variables.contains("REQUEST_METHOD=GET"), variables);
            assertFalse(variables.contains("UWSGI_") || variables.contains("evil"), variables);
        }
        assertEquals(server.folder().toRealPath() + "\n", page("/cwd"));
        assertEquals("null\n", page("/environment?EVIL"));
        assertEquals(2, server.matches("ready after").size(), "a worker was started anew");
    }

    private String page(String uri) throws Exception {
        try (RawConnection connection = connection()) {
            return connection.send(request("GET", uri).bytes()).reply().rest();
        }
    }

    @Test
    void aPingIsAnswered() throws Exception {
        try (RawConnection connection = connection()) {
            connection.send(new byte[] {100, 0, 0, 0});
            assertArrayEquals(new byte[] {100, 0, 0, 1}, connection.bytes(4));
            assertTrue(connection.isEnded());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 17, 22, 98, 110, 111, 173, 255})
    void otherModifiersAreRefused(int modifier) throws Exception {
        try (RawConnection connection = connection()) {
            Packet packet = new Packet(modifier).with("REQUEST_METHOD", "GET").with("PATH_INFO", "/hello");
            assertEquals(501, connection.send(packet.bytes()).reply().status());
        }
    }

    @Test
    void httpOnTheWrongSocketIsNamedInTheAnswerAndInTheLog() throws Exception {
        try (RawConnection connection = connection()) {
            RawConnection.Reply reply = connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").reply();
            assertEquals(400, reply.status());
            assertEquals("400 Bad Request: looks like HTTP: this listener speaks the uwsgi protocol; use uwsgi_pass"
                    + " instead of proxy_pass in nginx, or declare the address with http instead of socket\n",
                    reply.rest());
            server.awaitLog("bad request from a unix socket \\(user " + System.getProperty("user.name")
                    + ", group \\S+\\): 400 looks like HTTP: this listener speaks the uwsgi protocol", 1);
        }
    }
}
