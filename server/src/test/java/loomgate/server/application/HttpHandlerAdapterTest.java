package loomgate.server.application;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import loomgate.api.Handler;
import loomgate.api.testing.TestContext;
import loomgate.api.testing.TestRequest;
import loomgate.api.testing.TestResponse;
import org.junit.jupiter.api.Test;

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
        assertEquals(java.util.List.of("1", "2"), response.headers().all("X-Answer"));
        assertEquals(false, response.headers().contains("Connection"));
    }

    @Test
    void aHandlerThatAnswersNothingIsAFailure() throws Exception {
        Handler handler = handler("HttpHandlerAdapterTest:SILENT");
        assertThrows(IllegalStateException.class, () -> handler.handle(TestRequest.get("/")));
    }

    private static Handler handler(String module) throws ApplicationException {
        return Application.load("loomgate.server.application." + module, TestContext.of(Map.of())).handler();
    }
}
