package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class UnixSocketChainIT {

    @Test
    void aRequestThroughNginxIsAnswered() throws Exception {
        try (RunningServer server = RunningServer.start("socket = app.sock\n" + RunningServer.TEST_APPLICATION);
                Nginx nginx = Nginx.start("", "include /etc/nginx/uwsgi_params; uwsgi_pass unix:" + server.folder()
                        + "/app.sock;");
                HttpClient client = HttpClient.newHttpClient()) {
            server.awaitReady(1);
            HttpResponse<String> response =
                    client.send(HttpRequest.newBuilder(nginx.uri("/hello")).build(), HttpResponse.BodyHandlers.ofString());
            assertEquals(200, response.statusCode());
            assertEquals("hello\n", response.body());
            server.succeeded();
        }
    }
}
