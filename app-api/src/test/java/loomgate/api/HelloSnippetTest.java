package loomgate.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import loomgate.api.testing.TestRequest;
import loomgate.api.testing.TestResponse;
import org.junit.jupiter.api.Test;

/// The examples that the API's documentation shows: compiled and run here, so that they cannot rot.
class HelloSnippetTest {

    // @start region="handler"
    static final class Hello implements Handler {
        @Override
        public Response handle(Request request) {
            return Response.text("Hello, " + request.parameter("name").orElse("world") + "\n");
        }
    }
    // @end

    // @start region="test"
    @Test
    void helloGreetsByName() throws Exception {
        TestResponse response = TestResponse.call(new Hello(), TestRequest.get("/hello?name=Ada"));

        assertEquals(200, response.status());
        assertEquals("Hello, Ada\n", response.text());
    }
    // @end

    static Response answer(Request request) {
        // @start region="responses"
        return switch (request.path()) {
            case "/text" -> Response.text("It works\n");
            case "/json" -> Response.bytes("application/json", "{\"ok\":true}".getBytes(StandardCharsets.UTF_8));
            case "/file" -> Response.file("application/pdf", Path.of("report.pdf"));
            case "/stream" -> Response.stream("text/csv", out -> {
                for (int line = 1; line <= 1_000_000; line++) {
                    out.write((line + "," + line * 2 + "\n").getBytes(StandardCharsets.UTF_8));
                }
            });
            case "/moved" -> Response.of(303).withHeader("Location", "/text");
            default -> Response.text("No such page\n").withStatus(404);
        };
        // @end
    }

    @Test
    void theExamplesOfResponsesAreValid() throws Exception {
        assertEquals("It works\n", TestResponse.call(HelloSnippetTest::answer, TestRequest.get("/text")).text());
        assertEquals(303, TestResponse.call(HelloSnippetTest::answer, TestRequest.get("/moved")).status());
        assertEquals(404, TestResponse.call(HelloSnippetTest::answer, TestRequest.get("/nowhere")).status());
        assertTrue(TestResponse.call(HelloSnippetTest::answer, TestRequest.get("/stream")).text()
                .startsWith("1,2\n2,4\n"));
    }
}
