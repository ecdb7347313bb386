package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import loomgate.server.protocol.uwsgi.Packet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `allow` and `secret`: who is served, and who is told that he is not.
@Timeout(120)
class AccessIT {

    private static final String NEW_SECRET = "5f0c2a9be1d74c3380a6";
    private static final String OLD_SECRET = "the-one-from-before";

    private static final byte[] HTTP_REQUEST =
            "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] UWSGI_REQUEST = new Packet(0).with("REQUEST_METHOD", "GET").with("PATH_INFO", "/hello")
            .bytes();

    @Test
    void onlyAllowedAddressesAreServedAndOthersAreToldBeforeAnythingIsRead() throws Exception {
        try (RunningServer server = RunningServer.start("""
                http = 127.0.0.1:0
                socket = 127.0.0.1:0
                allow = 127.0.0.1
                allow = 127.0.7.0/24
                %s""".formatted(RunningServer.TEST_APPLICATION)).awaitReady(1)) {
            assertEquals("HTTP/1.1 200 OK", statusLine(server.port(0), "127.0.0.1", HTTP_REQUEST));
            assertEquals("HTTP/1.1 200 OK", statusLine(server.port(0), "127.0.7.9", HTTP_REQUEST));
            assertEquals("HTTP/1.1 200 OK", statusLine(server.port(1), "127.0.0.1", UWSGI_REQUEST));
            assertEquals("HTTP/1.1 403 Forbidden", statusLine(server.port(0), "127.0.0.2", HTTP_REQUEST));
            assertEquals("HTTP/1.1 403 Forbidden", statusLine(server.port(1), "127.0.0.2", UWSGI_REQUEST));
            server.awaitLog("(?m)^.* WARN .*connection from 127\\.0\\.0\\.2 refused: allow does not name it", 1);

            byte[] begun = {'G'}; // the kernel passes on no connection on which nothing was sent
            assertEquals("HTTP/1.1 403 Forbidden", statusLine(server.port(0), "127.0.0.2", begun));
            for (int i = 0; i < 200; i++) { // none of them keeps others out
                statusLine(server.port(0), "127.0.0.2", begun);
            }
            assertEquals("HTTP/1.1 200 OK", statusLine(server.port(0), "127.0.0.1", HTTP_REQUEST));
            int lines = server.matches("connection from 127\\.0\\.0\\.2 refused").size();
            assertTrue(lines < 201, () -> lines + " lines for 201 connections");
            server.assertStops();
        }
    }

    private static String statusLine(int port, String from, byte[] request) throws IOException {
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1).lines().findFirst()
                    .orElse("nothing");
        }
    }

    @Test
    void onlyAllowedUsersAndGroupsAreServed() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can run nginx as another user");
        assumeTrue(output("getent", "passwd", "www-data", "nobody").lines().count() == 2,
                "there are no www-data and nobody here");
        try (RunningServer server = RunningServer.start("""
                socket = app.sock
                chmod-socket = 666
                allow = user:root
                allow = group:%s
                %s""".formatted(output("id", "-g", "www-data"), RunningServer.TEST_APPLICATION)).awaitReady(1)) {
            Files.setPosixFilePermissions(server.folder(), PosixFilePermissions.fromString("rwxr-xr-x"));
            assertTrue(Client.uwsgi(server.folder().resolve("app.sock")).get("/hello").isComplete("hello\n"));
            assertEquals(200, statusThroughNginxOf("www-data", server));
            assertEquals(403, statusThroughNginxOf("nobody nogroup", server));
            server.awaitLog("connection from a unix socket \\(user nobody, group nogroup\\) refused:"
                    + " allow does not name it", 1);
            server.assertStops();
        }
    }

    private static int statusThroughNginxOf(String user, RunningServer server) throws Exception {
        String location = "include uwsgi_params; uwsgi_pass unix:" + server.folder() + "/app.sock;";
        try (Nginx nginx = Nginx.startAs(user, location)) {
            return get(nginx, "/hello").statusCode();
        }
    }

    @Test
    void onlyTheGatewayThatHasTheSecretIsServed() throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        Files.writeString(folder.resolve("secret"), NEW_SECRET + "\n");
        try (RunningServer server = RunningServer.startIn(folder, """
                socket = 127.0.0.1:0
                http = 127.0.0.1:0
                secret = @(secret)
                secret = %s
                %s""".formatted(OLD_SECRET, RunningServer.TEST_APPLICATION)).awaitReady(1)) {
            for (String protocol : List.of("uwsgi", "http")) {
                try (Nginx nginx = Nginx.startWith(port -> gateway(port, protocol, server))) {
                    assertOnlySecretsCount(nginx);
                }
            }
            server.awaitLog("bad request from 127\\.0\\.0\\.1:\\d+: 403 the request's secret is wrong: let", 2);
            server.awaitLog("bad request from 127\\.0\\.0\\.1:\\d+: 403 the request has no secret: let", 2);
            assertFalse(server.log().contains(NEW_SECRET) || server.log().contains(OLD_SECRET), server.log());
            String checked = output(RunningServer.JAVA.toString(), "-jar", RunningServer.JAR.toString(), "check",
                    folder.resolve("app.ini").toString());
            assertFalse(checked.contains(NEW_SECRET) || checked.contains(OLD_SECRET), checked);
            server.assertStops();
        }
    }

    private static void assertOnlySecretsCount(Nginx nginx) throws Exception {
        HttpResponse<String> served = get(nginx, "/request-variables?new");
        assertEquals(200, served.statusCode());
        assertFalse(served.body().contains(NEW_SECRET) || served.body().contains("LOOMGATE"), served.body());
        String echoed = get(nginx, "/echo?new").body();
        assertTrue(echoed.contains("path /echo\n"), echoed);
        assertFalse(echoed.contains(NEW_SECRET) || echoed.toLowerCase().contains("loomgate"), echoed);
        assertEquals(200, get(nginx, "/hello?old").statusCode());
        assertEquals(403, get(nginx, "/hello?wrong").statusCode());
        assertEquals(403, get(nginx, "/hello").statusCode());
        assertEquals(403, get(nginx, "/hello", "X-Loomgate-Secret", OLD_SECRET + "!").statusCode());
    }

    /// The query says which secret it sends.
    private static String gateway(int port, String protocol, RunningServer server) {
        String pass = protocol.equals("uwsgi")
                ? "include uwsgi_params; uwsgi_param LOOMGATE_SECRET $proof; uwsgi_pass 127.0.0.1:" + server.port(0)
                : "proxy_set_header X-Loomgate-Secret $proof; proxy_pass http://127.0.0.1:" + server.port(1);
        return """
                map $args $proof { new %s; old %s; wrong of-somebody-else-0; default ""; }
                server { listen 127.0.0.1:%d; location / { %s; } }
                """.formatted(NEW_SECRET, OLD_SECRET, port, pass);
    }

    private static HttpResponse<String> get(Nginx nginx, String path, String... headers) throws Exception {
        try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(nginx.uri(path));
            if (headers.length > 0) {
                request.headers(headers);
            }
            return client.send(request.build(), BodyHandlers.ofString());
        }
    }

    private static String output(String... command) throws Exception {
        Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        process.waitFor();
        return output;
    }
}
