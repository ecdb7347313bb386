package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients that do not wait for their answer.
@Timeout(60)
class DisconnectIT {

    /// As the log has it.
    private static final String CANCELLED = "cancelled, its client has gone|\\(HTTP/1\\.[01] 499\\)";

    @ParameterizedTest
    @ValueSource(strings = {"uwsgi_pass unix:app.sock", "uwsgi_pass tcp", "proxy_pass http://unix:app.http",
            "proxy_pass http://tcp"})
    void requestEndsWhenItsClientLeavesNginx(String pass) throws Exception {
        try (RunningServer server = RunningServer.start("socket = app.sock\nsocket = 127.0.0.1:0\nhttp = app.http\n"
                + "http = 127.0.0.1:0\nchmod-socket = 666\nlog-slow = 100\n" + RunningServer.UNRULY_APPLICATION)
                .awaitReady(1)) {
            Path folder = server.folder();
            String target = pass.replace("app.", folder + "/app.")
                    .replace("tcp", "127.0.0.1:" + server.port(pass.startsWith("uwsgi") ? 0 : 1));
            try (Nginx nginx = Nginx.start("", "include uwsgi_params; " + target + ";")) {
                try (RawConnection client = RawConnection.toPort(nginx.port())) {
                    client.send("GET /sleep?ms=20000 HTTP/1.1\r\nHost: a\r\n\r\n");
                    server.awaitLog("slow request: request 1: ", 1); // it runs
                }
                server.awaitLog("cancelled, its client has gone: request 1: GET /sleep\\?ms=20000"
                        + " from (127.0.0.1|a unix socket), \\d\\.\\d+ s: "
                        + "at loomgate.server.it.app.UnrulyApplication.sleep\\(UnrulyApplication.java:\\d+\\)", 1);
                server.awaitLog("GET /sleep\\?ms=20000 => generated 0 bytes in \\d+ msecs \\(HTTP/1.[01] 499\\)", 1);
            }
            server.assertStops();
        }
    }

    @Test
    void postGoesOnUnlessItIsToBeCancelledAsWell() throws Exception {
        try (RunningServer server = RunningServer.start("http = 127.0.0.1:0\n" + RunningServer.UNRULY_APPLICATION)
                .awaitReady(1)) {
            leave(server, "POST /sleep?ms=1000 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
            server.awaitLog("POST /sleep\\?ms=1000 => generated", 1);
            assertEquals(0, server.matches(CANCELLED).size(), server::log);
            server.assertStops();
        }
        try (RunningServer server = RunningServer.start(
                "http = 127.0.0.1:0\ncancel-on-disconnect = all\n" + RunningServer.UNRULY_APPLICATION)
                .awaitReady(1)) {
            leave(server, "POST /sleep?ms=20000 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
            server.awaitLog("POST /sleep\\?ms=20000 => generated 0 bytes in \\d+ msecs \\(HTTP/1.1 499\\)", 1);
            server.assertStops();
        }
    }

    @Test
    void nothingIsCancelledWhenThatIsOff() throws Exception {
        try (RunningServer server = RunningServer.start(
                "http = 127.0.0.1:0\ncancel-on-disconnect = off\n" + RunningServer.UNRULY_APPLICATION)
                .awaitReady(1)) {
            leave(server, "GET /sleep?ms=1000 HTTP/1.1\r\nHost: a\r\n\r\n");
            server.awaitLog("GET /sleep\\?ms=1000 => generated", 1);
            assertEquals(0, server.matches(CANCELLED).size(), server::log);
            server.assertStops();
        }
    }

    @Test
    void whatAClientSendsAheadIsNotLost() throws Exception {
        try (RunningServer server = RunningServer.start("http = 127.0.0.1:0\n" + RunningServer.UNRULY_APPLICATION)
                .awaitReady(1);
                RawConnection connection = RawConnection.toPort(server.port(0))) {
            connection.send("GET /sleep?ms=1000 HTTP/1.1\r\nHost: a\r\n\r\n");
            Thread.sleep(500); // in the middle of the request, which is being watched by now
            connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /thr");
            assertEquals("slept\n", connection.reply().text());
            assertEquals("hello\n", connection.reply().text());
            connection.send("ead HTTP/1.1\r\nHost: a\r\n\r\n");
            assertEquals("virtual\n", connection.reply().text());
            server.assertStops();
        }
    }

    @Test
    void clientThatHasOnlyEndedItsOwnSideOfAUnixSocketIsAnswered() throws Exception {
        try (RunningServer server = RunningServer.start("http = app.http\n" + RunningServer.UNRULY_APPLICATION)
                .awaitReady(1)) {
            try (Client.Sent sent = Client.http(server.folder().resolve("app.http")).send("/sleep?ms=1000")) {
                sent.channel().shutdownOutput();
                assertTrue(sent.answer().isComplete("slept\n"));
            }
            server.assertStops();
        }
    }

    private static void leave(RunningServer server, String request) throws IOException, InterruptedException {
        try (RawConnection connection = RawConnection.toPort(server.port(0))) {
            connection.send(request);
            Thread.sleep(100); // the request begins
        }
    }
}
