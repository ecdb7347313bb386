package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The sample with its INI as it is; its addresses alone are others, as several servers may run at once.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SampleIT {

    private RunningServer server;
    private final HttpClient client = HttpClient.newHttpClient();

    @RegisterExtension
    final Failures failures = new Failures();

    @BeforeAll
    void startSample() throws IOException {
        Path folder = Files.createTempDirectory("loomgate-it");
        server = RunningServer.startCommand(folder, folder, RunningServer.command(
                Project.file("sample/foreground.ini").toString(),
                "--http", "127.0.0.1:0", "--socket", folder + "/sample.sock", "--socket", "127.0.0.1:0",
                "--pidfile", folder + "/sample.pid"));
        server.awaitReady(2);
    }

    @AfterAll
    void endSample() throws IOException {
        client.close();
        if (!failures.any()) {
            server.succeeded();
        }
        server.close();
    }

    /// Command line arguments come in their order: the HTTP listener is the first that has a port.
    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port(0) + path));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(request(path).build(), BodyHandlers.ofString());
    }

    @Test
    void theIndexNamesEveryPage() throws Exception {
        String index = get("/").body();
        for (String page : List.of(
                "/hello", "/echo", "/slow", "/stream", "/upload", "/large", "/ignore", "/fail", "/who")) {
            assertTrue(index.contains(page), index);
        }
    }

    @Test
    void helloGreets() throws Exception {
        assertEquals("Hello, world\n", get("/hello").body());
        assertEquals("Hello, Ada\n", get("/hello?name=Ada").body());
    }

    @Test
    void echoShowsTheRequest() throws Exception {
        String echo = client.send(request("/echo?a=b").POST(BodyPublishers.ofString("12345")).build(),
                BodyHandlers.ofString()).body();
        for (String line : List.of("method: POST\n", "path: /echo\n", "query: a=b\n", "body bytes: 5\n",
                "remote address: 127.0.0.1\n", "variable REQUEST_METHOD: POST\n")) {
            assertTrue(echo.contains(line), echo);
        }
    }

    @Test
    void slowSleeps() throws Exception {
        assertEquals("slept 10 ms\n", get("/slow?ms=10").body());
        assertEquals(400, get("/slow?ms=long").statusCode());
    }

    @Test
    void streamSendsLines() throws Exception {
        assertEquals("line 1\nline 2\nline 3\n", get("/stream?lines=3&ms=1").body());
    }

    @Test
    void uploadTellsLengthAndChecksum() throws Exception {
        HttpResponse<String> response = client.send(
                request("/upload").POST(TestBytes.withLength(TestBytes.MIB)).build(), BodyHandlers.ofString());
        String checksum = TestBytes.checksumPage(TestBytes.MIB).split(" ")[0];
        assertEquals(TestBytes.MIB + " bytes, SHA-256 " + checksum + "\n", response.body());
        assertEquals(405, get("/upload").statusCode());
    }

    @Test
    void largeHasItsBytes() throws Exception {
        HttpResponse<InputStream> response =
                client.send(request("/large?bytes=3000000").build(), BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            assertEquals(3_000_000, TestBytes.verifiedLength(body));
        }
    }

    @Test
    void ignoreAnswersWithoutReading() throws Exception {
        assertEquals("ignored\n", client.send(
                request("/ignore").POST(TestBytes.withLength(100)).build(), BodyHandlers.ofString()).body());
    }

    @Test
    void failIs500AndItsStackTraceIsInTheLog() throws Exception {
        assertEquals(500, get("/fail").statusCode());
        server.awaitLog("IllegalStateException: this page always fails\n\\s+at sample.FailPage.handle", 1);
    }

    @Test
    void whoTellsTheWorkerAndAVariableOfTheIni() throws Exception {
        assertTrue(get("/who").body().matches("sample: worker [12], generation 1, pid \\d+\n"));
    }

    @Test
    void whatIsNotThereIs404() throws Exception {
        assertEquals(404, get("/nowhere").statusCode());
    }

    @Test
    void theConfigurationHasNoWarnings() {
        assertEquals(List.of(), server.complaints().stream()
                .filter(line -> line.startsWith(" WARN ") && !line.startsWith(" WARN RUNNING AS ROOT")).toList());
    }
}
