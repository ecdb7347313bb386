package sample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import loomgate.api.testing.TestContext;
import loomgate.api.testing.TestRequest;
import loomgate.api.testing.TestResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How to test an application: make a request, call the handler, look at the response. No server, no socket.
class ApplicationTest {

    private final Application application = new Application(TestContext.of(Map.of("project", "shop")));

    @Test
    void helloGreetsTheWorld() throws Exception {
        TestResponse response = get("/hello");

        assertEquals(200, response.status());
        assertEquals(Optional.of("text/plain; charset=utf-8"), response.header("Content-Type"));
        assertEquals("Hello, world\n", response.text());
    }

    @Test
    void helloGreetsByName() throws Exception {
        assertEquals("Hello, Zoë & Ada\n", get("/hello?name=Zo%C3%AB+%26+Ada").text());
    }

    @Test
    void everyPageOfTheIndexExists() throws Exception {
        for (String line : get("/").text().lines().toList()) {
            String page = line.split(" ")[0];
            if (!page.equals("/fail")) {
                assertTrue(get(page).status() != 404, page);
            }
        }
    }

    @Test
    void unknownPageIs404() throws Exception {
        assertEquals(404, get("/nowhere").status());
        assertEquals(404, get("/hello/").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/hello?name=%zz", "/slow?ms=x", "/slow?ms=-1", "/slow?ms=600001",
            "/large?bytes=1073741825", "/large?bytes=99999999999999999999", "/stream?lines=", "/stream?ms=10001"})
    void badParameterIs400(String uri) throws Exception {
        assertEquals(400, get(uri).status());
    }

    @Test
    void echoTellsWhatCameIn() throws Exception {
        String text = call(TestRequest.post("/echo?a=b", "12345")
                .withHeader("X-Colour", "green")
                .withVariable("SERVER_NAME", "example.org")
                .withRemoteAddress("192.0.2.7")).text();

        assertTrue(text.startsWith("""
                method: POST
                uri: /echo?a=b
                path: /echo
                query: a=b
                protocol: HTTP/1.1
                remote address: 192.0.2.7
                content length: 5
                body bytes: 5
                header X-Colour: green
                """), text);
        assertTrue(text.contains("\nvariable SERVER_NAME: example.org\n"), text);
    }

    @Test
    void slowSleeps() throws Exception {
        long before = System.nanoTime();

        assertEquals("slept 20 ms\n", get("/slow?ms=20").text());
        assertTrue(System.nanoTime() - before >= 20_000_000);
    }

    @Test
    void slowEndsWhenItIsInterrupted() {
        Thread.currentThread().interrupt();

        assertThrows(InterruptedException.class, () -> get("/slow?ms=600000"));
    }

    @Test
    void streamWritesItsLines() throws Exception {
        assertEquals("line 1\nline 2\nline 3\n", get("/stream?lines=3").text());
        assertEquals("", get("/stream?lines=0").text());
    }

    @Test
    void uploadAnswersLengthAndDigest() throws Exception {
        assertEquals("3 bytes, SHA-256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n",
                call(TestRequest.post("/upload", "abc")).text());
    }

    @Test
    void uploadOfUnknownLengthIsReadToItsEnd() throws Exception {
        TestRequest chunked = TestRequest.of("POST", "/upload").withBody(InputStream.nullInputStream(), -1);

        assertTrue(call(chunked).text().startsWith("0 bytes, "));
    }

    @Test
    void uploadThatBreaksOffIsNoAnswer() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the peer has gone");
            }
        };

        assertThrows(IOException.class, () -> call(TestRequest.of("POST", "/upload").withBody(broken, 10)));
    }

    @Test
    void uploadWantsPost() throws Exception {
        TestResponse response = get("/upload");

        assertEquals(405, response.status());
        assertEquals(Optional.of("POST"), response.header("Allow"));
    }

    @Test
    void largeHasTheLengthThatWasAskedFor() throws Exception {
        assertArrayEquals(new byte[] {0, 1, 2, 3}, get("/large?bytes=4").bytes());

        byte[] bytes = get("/large?bytes=200000").bytes();
        assertEquals(200_000, bytes.length);
        assertEquals((byte) (199_999 % 251), bytes[199_999]);
    }

    @Test
    void ignoreLeavesTheBodyUnread() throws Exception {
        TestRequest request = TestRequest.post("/ignore", "abc");

        assertEquals(200, call(request).status());
        assertEquals(3, request.body().available());
    }

    @Test
    void failThrows() {
        assertThrows(IllegalStateException.class, () -> get("/fail"));
    }

    @Test
    void whoNamesTheWorker() throws Exception {
        Application second = new Application(new TestContext(Map.of("project", "shop"), 2, 3, false));

        assertEquals("shop: worker 2, generation 3, pid " + ProcessHandle.current().pid() + "\n",
                TestResponse.call(second, TestRequest.get("/who")).text());
    }

    private TestResponse get(String uri) throws Exception {
        return call(TestRequest.get(uri));
    }

    private TestResponse call(TestRequest request) throws Exception {
        return TestResponse.call(application, request);
    }
}
