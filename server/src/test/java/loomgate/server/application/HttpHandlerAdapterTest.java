package loomgate.server.application;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import loomgate.api.Body;
import loomgate.api.Handler;
import loomgate.api.Response;
import loomgate.api.testing.TestContext;
import loomgate.api.testing.TestRequest;
import loomgate.api.testing.TestResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpHandlerAdapterTest {

    /// What somebody wrote for the JDK's server.
    public static final class Greeter implements HttpHandler {
        @Override
        public void handle(HttpExchange exchange) throws IOException {
            byte[] body = (exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("X-Asked") + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("X-Answer", "1");
            exchange.getResponseHeaders().add("X-Answer", "2");
            exchange.getResponseHeaders().set("Connection", "close");
            exchange.sendResponseHeaders(201, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        }
    }

    public static final HttpHandler SILENT = exchange -> {};

    @Test
    void aHandlerOfTheJdksServerIsAnApplication() throws Exception {
        TestResponse response = TestResponse.call(handler("HttpHandlerAdapterTest$Greeter"),
                TestRequest.post("/a?b=c", "body").withHeader("X-Asked", "yes"));

        assertEquals(201, response.status());
        assertEquals("POST /a?b=c yes body", response.text());
        assertEquals(List.of("1", "2"), response.headers().all("X-Answer"));
        assertEquals(false, response.headers().contains("Connection"));
    }

    @Test
    void aHandlerThatAnswersNothingIsAFailure() throws Exception {
        Handler handler = handler("HttpHandlerAdapterTest:SILENT");
        assertThrows(IllegalStateException.class, () -> handler.handle(TestRequest.get("/")));
    }

    @Test
    void bodyHasTheLengthThatWasAnnounced() throws Exception {
        assertEquals("hello", call("GET", exchange -> {
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("hello".getBytes());
        }).text());
        assertEquals("hello", call("GET", exchange -> {
            exchange.sendResponseHeaders(200, 0); // any length
            exchange.getResponseBody().write("hello".getBytes());
        }).text());
        assertEquals("", call("GET", exchange -> exchange.sendResponseHeaders(204, -1)).text());
        assertEquals("", call("GET", exchange -> exchange.sendResponseHeaders(304, 5)).text());
    }

    @Test
    void fewerBytesThanAnnouncedAreAFailure() {
        IOException failure = assertThrows(IOException.class, () -> call("GET", exchange -> {
            exchange.sendResponseHeaders(200, 6);
            exchange.getResponseBody().write("hello".getBytes());
        }));
        assertEquals("the body was announced with 6 bytes, its handler wrote 5", failure.getMessage());
    }

    @Test
    void moreBytesThanAnnouncedAreRefusedAndAFailureEvenIfTheHandlerSwallowsIt() {
        for (long announced : new long[] {4, -1}) {
            IOException failure = assertThrows(IOException.class, () -> call("GET", exchange -> {
                exchange.sendResponseHeaders(200, announced);
                assertThrows(IOException.class, () -> exchange.getResponseBody().write("hello".getBytes()));
            }));
            assertEquals("the body was announced with " + Math.max(announced, 0) + " bytes, its handler wrote 5",
                    failure.getMessage());
        }
    }

    @Test
    void bodyBeforeItsHeadIsRefused() throws Exception {
        assertEquals("", call("GET", exchange -> {
            assertThrows(IOException.class, () -> exchange.getResponseBody().write('x'));
            exchange.sendResponseHeaders(200, -1);
        }).text());
    }

    @Test
    void headIsToldTheLengthAndSentNoBody() throws Exception {
        Body.Stream announced = assertInstanceOf(Body.Stream.class, response("HEAD", exchange -> {
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("hello".getBytes());
        }).body());
        assertEquals(5, announced.length());
        Body.Stream byField = assertInstanceOf(Body.Stream.class, response("HEAD", exchange -> {
            exchange.getResponseHeaders().set("Content-Length", "7");
            exchange.sendResponseHeaders(200, -1);
        }).body());
        assertEquals(7, byField.length());
    }

    @Test
    void headIsToldNoLengthWhereThereIsNoBody() throws Exception {
        for (int status : new int[] {204, 205, 304}) {
            assertInstanceOf(Body.Empty.class, response("HEAD", exchange -> {
                exchange.getResponseHeaders().set("Content-Length", "7");
                exchange.sendResponseHeaders(status, -1);
            }).body(), () -> "" + status);
            assertInstanceOf(Body.Empty.class,
                    response("HEAD", exchange -> exchange.sendResponseHeaders(status, 7)).body());
        }
    }

    @Test
    void whatIsWrittenToHeadTakesNoMemory() throws Exception {
        byte[] megabyte = new byte[1024 * 1024];
        assertInstanceOf(Body.Empty.class, response("HEAD", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            for (int i = 0; i < 3 * 1024; i++) { // more than an array has room for
                exchange.getResponseBody().write(megabyte);
            }
            exchange.getResponseBody().write(1);
        }).body());
    }

    @Test
    void targetsThatAreNoUriAreEncoded() throws Exception {
        new HttpHandlerAdapter(exchange -> {
            assertEquals("/a%7Cb", exchange.getRequestURI().toString());
            exchange.sendResponseHeaders(204, -1);
        }).handle(TestRequest.get("/a|b"));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.7, 40123, 192.0.2.7, 40123",
        "2001:db8::7, '', 2001:db8:0:0:0:0:0:7, 0",
        "192.0.2.7, 65536, 192.0.2.7, 0",
        "192.0.2.7, none, 192.0.2.7, 0",
        "'', '', 127.0.0.1, 0",
        "unix:, '', 127.0.0.1, 0",
        "a.example, 40123, 127.0.0.1, 0"
    })
    void aPeerWithoutAnAddressIsOnThisMachine(String address, String port, String seen, int seenPort) throws Exception {
        new HttpHandlerAdapter(exchange -> {
            assertEquals(seen, exchange.getRemoteAddress().getAddress().getHostAddress());
            assertEquals(seenPort, exchange.getRemoteAddress().getPort());
            exchange.sendResponseHeaders(204, -1);
        }).handle(TestRequest.get("/").withRemoteAddress(address).withVariable("REMOTE_PORT", port));
    }

    @Test
    void headersOfTheServerAreDropped() throws Exception {
        Response response = response("GET", exchange -> {
            for (String name : List.of("Connection", "Content-Length", "Keep-Alive", "Proxy-Connection", "TE",
                    "Trailer", "Transfer-Encoding", "Upgrade")) {
                exchange.getResponseHeaders().set(name, "1");
            }
            exchange.getResponseHeaders().set("X-Kept", "1");
            exchange.sendResponseHeaders(200, -1);
        });
        assertEquals(1, response.headers().size());
        assertEquals("1", response.headers().first("X-Kept").orElseThrow());
    }

    @Test
    void statusesAndValuesThatAResponseRefusesAreFailures() {
        assertThrows(IllegalArgumentException.class,
                () -> response("GET", exchange -> exchange.sendResponseHeaders(100, -1)));
        assertThrows(IllegalArgumentException.class,
                () -> response("GET", exchange -> exchange.sendResponseHeaders(600, -1)));
        for (String value : List.of("a\r\nX: b", "a\nb", "a\0b", "a\r\n b", "\u20ac")) {
            assertThrows(IllegalArgumentException.class, () -> response("GET", exchange -> {
                exchange.getResponseHeaders().add("X-Value", value);
                exchange.sendResponseHeaders(200, -1);
            }), value);
        }
    }

    private static Response response(String method, HttpHandler handler) throws IOException {
        return new HttpHandlerAdapter(handler).handle(TestRequest.of(method, "/"));
    }

    private static TestResponse call(String method, HttpHandler handler) throws Exception {
        return TestResponse.of(response(method, handler));
    }

    private static Handler handler(String module) throws ApplicationException {
        return Application.load("loomgate.server.application." + module, TestContext.of(Map.of())).handler();
    }
}
