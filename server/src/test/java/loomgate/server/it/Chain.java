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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a client sees through a web server, a master and two workers, whatever web server that is and however it and the
/// workers are connected.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class Chain {

    private static final int MIB = (int) TestBytes.MIB;

    private boolean hasFailed;
    private RunningServer server;
    private FrontEnd frontEnd;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @RegisterExtension
    final AfterTestExecutionCallback failures = context -> hasFailed |= context.getExecutionException().isPresent();

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
        if (!hasFailed) {
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
