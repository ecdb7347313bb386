package loomgate.api.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestRequestTest {

    @Test
    void pathIsDecodedAndQueryIsNot() {
        TestRequest request = TestRequest.get("/a%20b+%C3%A9/?x=1%202?");

        assertEquals("/a%20b+%C3%A9/?x=1%202?", request.uri());
        assertEquals("/a b+é/", request.path());
        assertEquals("x=1%202?", request.query());
    }

    @Test
    void queryIsEmptyWhereThereIsNone() {
        assertEquals("", TestRequest.get("/").query());
    }

    @Test
    void bytesThatAreNoUtf8AreReplaced() {
        assertEquals("/\ufffd", TestRequest.get("/%ff").path());
    }

    @Test
    void brokenPathIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> TestRequest.get("/%").path());
        assertThrows(IllegalArgumentException.class, () -> TestRequest.get("/%g0").path());
        assertThrows(IllegalArgumentException.class, () -> TestRequest.get("hello"));
    }

    @Test
    void requestWithoutABodyHasAnEmptyOne() throws IOException {
        TestRequest request = TestRequest.get("/");

        assertEquals(0, request.contentLength());
        assertEquals(-1, request.body().read());
    }

    @Test
    void bodyIsOneStream() throws IOException {
        TestRequest request = TestRequest.post("/", "é!");

        assertEquals(3, request.contentLength());
        assertEquals(0xc3, request.body().read());
        assertEquals(2, request.body().readAllBytes().length);
    }

    @Test
    void lengthOfAStreamIsWhatTheTestSays() {
        assertEquals(-1, TestRequest.of("PUT", "/").withBody(InputStream.nullInputStream(), -1).contentLength());
        assertEquals(99, TestRequest.of("PUT", "/").withBody(InputStream.nullInputStream(), 99).contentLength());
    }

    @Test
    void variablesFollowFromTheRequest() {
        Map<String, String> variables = TestRequest.post("/a%20b?q", "abc")
                .withHeader("Content-Type", "text/x")
                .withHeader("X-Tag", "1")
                .withHeader("x-tag", "2")
                .withRemoteAddress("192.0.2.1")
                .withVariable("HTTPS", "on")
                .withVariable("SERVER_PROTOCOL", "HTTP/2.0")
                .variables();

        assertEquals("POST", variables.get("REQUEST_METHOD"));
        assertEquals("/a%20b?q", variables.get("REQUEST_URI"));
        assertEquals("/a b", variables.get("PATH_INFO"));
        assertEquals("q", variables.get("QUERY_STRING"));
        assertEquals("3", variables.get("CONTENT_LENGTH"));
        assertEquals("text/x", variables.get("CONTENT_TYPE"));
        assertEquals("1, 2", variables.get("HTTP_X_TAG"));
        assertEquals("192.0.2.1", variables.get("REMOTE_ADDR"));
        assertEquals("on", variables.get("HTTPS"));
        assertEquals("HTTP/2.0", variables.get("SERVER_PROTOCOL"));
    }

    @Test
    void eachChangeGivesANewRequest() {
        TestRequest plain = TestRequest.get("/");
        plain.withHeader("A", "1").withVariable("B", "2").withRemoteAddress("::1").withTimeLeft(Duration.ZERO)
                .withCancellation();

        assertFalse(plain.headers().contains("A"));
        assertFalse(plain.variables().containsKey("B"));
        assertEquals("127.0.0.1", plain.remoteAddress());
        assertEquals(Optional.empty(), plain.timeLeft());
        assertFalse(plain.isCancelled());
    }

    @Test
    void timeAndCancellationAreWhatTheTestSays() {
        TestRequest request = TestRequest.get("/").withTimeLeft(Duration.ofSeconds(3));
        assertEquals(Optional.of(Duration.ofSeconds(3)), request.timeLeft());
        assertEquals(Optional.of(Duration.ofSeconds(3)), request.extendTimeLeft(Duration.ofSeconds(2)));
        assertEquals(Optional.of(Duration.ofSeconds(4)), request.extendTimeLeft(Duration.ofSeconds(4)));
        assertEquals(Optional.of(Duration.ofSeconds(4)), request.timeLeft());
        assertTrue(request.withCancellation().isCancelled());

        request.cancel();
        assertTrue(request.isCancelled());
    }
}
