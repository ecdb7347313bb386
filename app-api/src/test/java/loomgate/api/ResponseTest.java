package loomgate.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseTest {

    @Test
    void textIsUtf8() {
        Response response = Response.text("grün");

        assertEquals(200, response.status());
        assertEquals(Optional.of("text/plain; charset=utf-8"), response.headers().first("content-type"));
        assertArrayEquals("grün".getBytes(StandardCharsets.UTF_8),
                assertInstanceOf(Body.Bytes.class, response.body()).content());
    }

    @Test
    void factoriesStateWhatTheyWereGiven() {
        assertInstanceOf(Body.Empty.class, Response.of(404).body());
        assertEquals(new Body.File(Path.of("a.pdf")), Response.file("application/pdf", Path.of("a.pdf")).body());
        assertEquals(-1, assertInstanceOf(Body.Stream.class, Response.stream("a/b", out -> {}).body()).length());
        assertEquals(7, assertInstanceOf(Body.Stream.class, Response.stream("a/b", 7, out -> {}).body()).length());
    }

    @Test
    void statusAndHeadersAreAddedToACopy() {
        Response plain = Response.text("x");
        Response changed = plain.withStatus(503).withHeader("Retry-After", "1").withHeader("Set-Cookie", "a=1");

        assertEquals(200, plain.status());
        assertEquals(1, plain.headers().size());
        assertEquals(503, changed.status());
        assertEquals(List.of("1"), changed.headers().all("retry-after"));
        assertEquals(plain.body(), changed.body());
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 204, 304, 404, 599})
    void finalStatusIsAllowed(int status) {
        assertEquals(status, Response.of(status).status());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 100, 101, 199, 600, 1000})
    void otherStatusIsRefused(int status) {
        assertThrows(IllegalArgumentException.class, () -> Response.of(status));
        assertThrows(IllegalArgumentException.class, () -> Response.of(200).withStatus(status));
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 205, 304})
    void bodyIsRefusedWhereTheStatusHasNone(int status) {
        assertThrows(IllegalArgumentException.class, () -> Response.text("").withStatus(status));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Connection", "content-length", "Keep-Alive", "Proxy-Connection", "TE", "Trailer",
            "TRANSFER-ENCODING", "Upgrade"})
    void headersOfTheServerAreRefused(String name) {
        String message = assertThrows(IllegalArgumentException.class, () -> Response.of(200).withHeader(name, "1"))
                .getMessage();

        assertTrue(message.startsWith("header " + name + " is set by the server alone"), message);
    }

    @Test
    void valueThatWouldSplitTheResponseIsRefused() {
        assertThrows(IllegalArgumentException.class,
                () -> Response.of(303).withHeader("Location", "/\r\nSet-Cookie: a=1"));
        assertThrows(IllegalArgumentException.class, () -> Response.bytes("text/html\n", new byte[0]));
    }

    @Test
    void negativeLengthIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Response.stream("a/b", -2, out -> {}));
    }

    @Test
    void nullIsRefused() {
        assertThrows(NullPointerException.class, () -> new Response(200, null, new Body.Empty()));
        assertThrows(NullPointerException.class, () -> new Response(200, Headers.empty(), null));
        assertThrows(NullPointerException.class, () -> Response.bytes("a/b", null));
        assertThrows(NullPointerException.class, () -> Response.file("a/b", null));
        assertThrows(NullPointerException.class, () -> Response.stream("a/b", null));
    }
}
