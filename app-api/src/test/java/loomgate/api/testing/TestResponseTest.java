package loomgate.api.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import loomgate.api.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestResponseTest {

    @Test
    void bytesAreThoseOfTheResponse() throws Exception {
        TestResponse response = TestResponse.of(Response.text("grün").withStatus(404).withHeader("X-A", "1"));

        assertEquals(404, response.status());
        assertEquals("grün", response.text());
        assertEquals(5, response.bytes().length);
        assertEquals(Optional.of("1"), response.header("x-a"));
        assertEquals(2, response.headers().size());
    }

    @Test
    void emptyBodyHasNoBytes() throws Exception {
        assertEquals(0, TestResponse.of(Response.of(204)).bytes().length);
    }

    @Test
    void fileIsRead(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("a.txt"), "from a file");

        assertEquals("from a file", TestResponse.of(Response.file("text/plain", file)).text());
        assertThrows(NoSuchFileException.class,
                () -> TestResponse.of(Response.file("text/plain", folder.resolve("absent"))));
    }

    @Test
    void streamIsWritten() throws Exception {
        assertEquals("abc", TestResponse.of(Response.stream("a/b", out -> out.write("abc".getBytes()))).text());
        assertEquals("abc", TestResponse.of(Response.stream("a/b", 3, out -> out.write("abc".getBytes()))).text());
    }

    @Test
    void streamOfAnotherLengthIsAFailure() {
        Response tooShort = Response.stream("a/b", 4, out -> out.write("abc".getBytes()));
        Response tooLong = Response.stream("a/b", 2, out -> out.write("abc".getBytes()));

        assertEquals("the response states a length of 4 bytes, but its body has 3",
                assertThrows(AssertionError.class, () -> TestResponse.of(tooShort)).getMessage());
        assertThrows(AssertionError.class, () -> TestResponse.of(tooLong));
    }

    @Test
    void bodyIsNotWrittenForHead() throws Exception {
        TestResponse response = TestResponse.call(_ -> Response.stream("a/b", 9, _ -> {
            throw new AssertionError("written");
        }), TestRequest.of("HEAD", "/"));

        assertEquals(200, response.status());
        assertEquals(0, response.bytes().length);
    }

    @Test
    void whatTheHandlerThrowsEscapes() {
        IOException thrown = new IOException("broken");

        assertSame(thrown, assertThrows(IOException.class, () -> TestResponse.call(_ -> {
            throw thrown;
        }, TestRequest.get("/"))));
    }

    @Test
    void handlerThatReturnsNullIsAFailure() {
        assertEquals("the handler returned null", assertThrows(NullPointerException.class,
                () -> TestResponse.call(_ -> null, TestRequest.get("/"))).getMessage());
    }
}
