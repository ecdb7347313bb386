package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a client sees through a web server, a master and two workers, whatever web server that is and however it and
/// the workers are connected.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class Chain {

    private static final int MIB = (int) TestBytes.MIB;

    private RunningServer server;
    private FrontEnd frontEnd;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @RegisterExtension
    final Failures failures = new Failures();

    /// The line of the INI that makes the listener.
    abstract String listener();

    /// Starts the web server in front of it.
    abstract FrontEnd frontEnd(RunningServer running) throws IOException;

    @BeforeAll
    void startChain() throws IOException {
        server = RunningServer.start("""
                %s
                listen = 1024
                processes = 2
                %s""".formatted(listener(), RunningServer.TEST_APPLICATION)).awaitReady(2);
        frontEnd = frontEnd(server);
    }

    @AfterAll
    void endChain() throws IOException {
        client.close();
        if (frontEnd != null) {
            frontEnd.close();
        }
        if (!failures.any()) {
            server.succeeded();
        }
        server.close();
    }

    final RunningServer server() {
        return server;
    }

    final HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(frontEnd.uri(path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    final HttpResponse<String> post(String path, BodyPublisher body) throws Exception {
        return client.send(HttpRequest.newBuilder(frontEnd.uri(path)).POST(body).build(), BodyHandlers.ofString());
    }

    @Test
    void getIsAnswered() throws Exception {
        HttpResponse<String> response = get("/hello");
        assertEquals(200, response.statusCode());
        assertEquals("hello\n", response.body());
        assertEquals("6", response.headers().firstValue("Content-Length").orElse("absent"));
        assertEquals("text/plain; charset=utf-8", response.headers().firstValue("Content-Type").orElse("absent"));
    }

    @Test
    void headHasTheFieldsOfGetAndNoBody() throws Exception {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(frontEnd.uri("/hello")).method("HEAD", BodyPublishers.noBody()).build(),
                BodyHandlers.ofString());
        assertEquals(200, response.statusCode());
        assertEquals("", response.body());
        assertEquals("6", response.headers().firstValue("Content-Length").orElse("absent"));
    }

    @Test
    void theApplicationSeesTheRequestAsTheClientSentIt() throws Exception {
        String seen = get("/echo?a=%41%20b&c=%C3%BC", "X-Marker", "some text").body();
        assertTrue(seen.startsWith("""
                method GET
                uri /echo?a=%41%20b&c=%C3%BC
                path /echo
                query a=%41%20b&c=%C3%BC
                """), seen);
        assertTrue(seen.contains("header x-marker some text\n"), seen);
    }

    @Test
    void thePathIsDecodedOnce() throws Exception {
        String seen = get("/echo/a%20b/%C3%A4/%2541?%2541").body();
        assertTrue(seen.contains("""
                uri /echo/a%20b/%C3%A4/%2541?%2541
                path /echo/a b/ä/%41
                query %2541
                """), seen);
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 304, 404, 503})
    void aStatusWithoutBodyArrives(int status) throws Exception {
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> response = get("/status?code=" + status);
            assertEquals(status, response.statusCode());
            assertEquals("", response.body());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, MIB, 100 * MIB})
    void everyByteOfABodyArrives(int length) throws Exception {
        HttpResponse<String> response = post("/checksum", TestBytes.withLength(length));
        assertEquals(200, response.statusCode());
        assertEquals(TestBytes.checksumPage(length), response.body());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, MIB, 10 * MIB})
    void everyByteOfAnUnbufferedBodyArrives(int length) throws Exception {
        HttpResponse<String> response = post("/checksum/unbuffered", TestBytes.withLength(length));
        assertEquals(200, response.statusCode());
        assertEquals(TestBytes.checksumPage(length), response.body());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5 * MIB})
    void everyByteOfAChunkedBodyArrives(int length) throws Exception {
        HttpResponse<String> response = post("/checksum", TestBytes.chunked(length));
        assertEquals(200, response.statusCode());
        assertEquals(TestBytes.checksumPage(length), response.body());
    }

    @Test
    void everyByteOfALargeResponseArrives() throws Exception {
        long length = 100 * TestBytes.MIB;
        HttpResponse<InputStream> response = client.send(
                HttpRequest.newBuilder(frontEnd.uri("/large?bytes=" + length)).build(), BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            assertEquals(200, response.statusCode());
            assertEquals(length, response.headers().firstValueAsLong("Content-Length").orElse(-1));
            assertEquals(length, TestBytes.verifiedLength(body));
        }
    }

    @Test
    void aStreamWithoutLengthArrivesWhole() throws Exception {
        HttpResponse<String> response = get("/stream?lines=1000");
        assertEquals(200, response.statusCode());
        assertEquals(IntStream.range(0, 1000).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining()),
                response.body());
    }

    /// A file of the application with test bytes, and the path of the page that sends it.
    private String filePage(String name, long length) throws IOException {
        Path file = server.folder().resolve(name);
        try (InputStream bytes = TestBytes.stream(length)) {
            Files.copy(bytes, file);
        }
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-02-02T20:20:20.5Z")));
        return "/file?path=" + file;
    }

    @Test
    void everyByteOfALargeFileArrives() throws Exception {
        long length = 100 * TestBytes.MIB;
        HttpResponse<InputStream> response = client.send(
                HttpRequest.newBuilder(frontEnd.uri(filePage("large", length))).build(), BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            assertEquals(200, response.statusCode());
            assertEquals(length, response.headers().firstValueAsLong("Content-Length").orElse(-1));
            assertEquals(length, TestBytes.verifiedLength(body));
        }
    }

    @Test
    void aFileArrivesInParts() throws Exception {
        String page = filePage("parts", MIB);
        HttpResponse<String> whole = get(page);
        String tag = whole.headers().firstValue("ETag").orElse("absent");
        assertEquals("bytes", whole.headers().firstValue("Accept-Ranges").orElse("absent"));
        StringBuilder parts = new StringBuilder();
        for (String range : new String[] {"0-0", "1-99999", "100000-1000000", "-48575"}) {
            HttpResponse<String> part = get(page, "Range", "bytes=" + range, "If-Range", tag);
            assertEquals(206, part.statusCode());
            assertEquals("bytes " + (range.startsWith("-") ? "1000001-1048575" : range) + "/1048576",
                    part.headers().firstValue("Content-Range").orElse("absent"));
            parts.append(part.body());
        }
        assertTrue(whole.body().contentEquals(parts));
        HttpResponse<String> behind = get(page, "Range", "bytes=1048576-");
        assertEquals(416, behind.statusCode());
        assertEquals("bytes */1048576", behind.headers().firstValue("Content-Range").orElse("absent"));
        HttpResponse<String> other = get(page, "Range", "bytes=0-0", "If-Range", "\"other\"");
        assertEquals(200, other.statusCode());
        assertTrue(whole.body().equals(other.body()));
    }

    @Test
    void aFileIsSentIfItHasChanged() throws Exception {
        String page = filePage("changing", 1000);
        HttpResponse<String> first = get(page);
        String tag = first.headers().firstValue("ETag").orElse("absent");
        String date = first.headers().firstValue("Last-Modified").orElse("absent");
        assertEquals("Sun, 02 Feb 2020 20:20:20 GMT", date);
        HttpResponse<String> known = get(page, "If-None-Match", tag);
        assertEquals(304, known.statusCode());
        assertEquals(tag, known.headers().firstValue("ETag").orElse("absent"));
        assertEquals(304, get(page, "If-Modified-Since", date).statusCode());
        assertEquals(412, get(page, "If-Match", "\"other\"").statusCode());
        Files.writeString(server.folder().resolve("changing"), "new");
        HttpResponse<String> second = get(page, "If-None-Match", tag);
        assertEquals(200, second.statusCode());
        assertEquals("new", second.body());
    }

    @Test
    void whatIsFlushedArrivesAtOnce() throws Exception {
        Path until = server.folder().resolve("until");
        HttpResponse<InputStream> response = client.send(
                HttpRequest.newBuilder(frontEnd.uri("/steps?until=" + until)).build(), BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            assertEquals("one\n", new String(body.readNBytes(4)));
            Files.createFile(until); // for which the writer waits
            assertEquals("two\n", new String(body.readAllBytes()));
        }
    }

    @Test
    void dateAndServerAreThoseOfTheWebServer() throws Exception {
        HttpResponse<String> response = get("/hello");
        assertEquals(1, response.headers().allValues("Date").size());
        assertEquals(1, response.headers().allValues("Server").size());
        assertTrue(response.headers().firstValue("Server").orElse("").startsWith(frontEnd.product()));
    }

    @Test
    void aResponseThatBreaksOffIsNoticed() {
        assertThrows(IOException.class, () -> get("/break?bytes=10000000"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ignore", "/ignore/unbuffered"})
    void anIgnoredBodyIsInNobodysWay(String path) throws Exception {
        for (int i = 0; i < 10; i++) {
            HttpResponse<String> response = post(path, TestBytes.withLength(5 * TestBytes.MIB));
            assertEquals(200, response.statusCode());
            assertEquals("ignored\n", response.body());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/throw", "/null"})
    void aFailureOfTheApplicationIs500(String path) throws Exception {
        assertEquals(500, get(path).statusCode());
        assertEquals(500, post(path, TestBytes.withLength(TestBytes.MIB)).statusCode());
    }

    @Test
    void theStatusIsTheApplications() throws Exception {
        assertEquals(404, get("/nowhere").statusCode());
    }

    @Test
    void fiveHundredAtOnceAreServedByBothWorkers() {
        List<CompletableFuture<HttpResponse<String>>> pending = IntStream.range(0, 500)
                .mapToObj(_ -> client.sendAsync(
                        HttpRequest.newBuilder(frontEnd.uri("/sleep?ms=300")).build(), BodyHandlers.ofString()))
                .toList();
        List<HttpResponse<String>> responses = pending.stream().map(CompletableFuture::join).toList();
        assertEquals(List.of(200), responses.stream().map(HttpResponse::statusCode).distinct().toList());
        List<String> workers = responses.stream()
                .map(response -> response.headers().firstValue("X-Worker").orElse("absent")).distinct().toList();
        assertEquals(2, workers.size(), workers::toString);
    }

    @Test
    void aHeadThatIsTooLargeIsRefusedAndTheLogNamesTheLimit() throws Exception {
        assertEquals(431, get("/hello", "X-Long", "x".repeat(6000)).statusCode());
        server.awaitLog("bad request .* 431 .*buffer-size = 4096", 1);
        assertEquals(414, get("/hello?" + "x".repeat(6000)).statusCode());
        server.awaitLog("bad request .* 414 .*buffer-size = 4096", 1);
    }
}
