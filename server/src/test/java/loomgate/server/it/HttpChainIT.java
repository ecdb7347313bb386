package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// `proxy_pass http://127.0.0.1:8080`, with connections that are kept.
class HttpChainIT extends Chain {

    private static final Pattern REMOTE_PORT = Pattern.compile("REMOTE_PORT=(\\d+)");

    @Override
    String listener() {
        return "http = 127.0.0.1:0";
    }

    @Override
    FrontEnd frontEnd(RunningServer running) throws IOException {
        return Nginx.start("upstream app { server 127.0.0.1:" + running.port(0) + "; keepalive 32; }",
                "proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection \"\";");
    }

    @Test
    void connectionsAreUsedAgain() throws Exception {
        Set<String> ports = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            Matcher port = REMOTE_PORT.matcher(get("/request-variables").body());
            assertTrue(port.find());
            ports.add(port.group(1));
        }
        // those that other tests have left open may be used in turn
        assertTrue(ports.size() <= 32, () -> "100 requests came from ports " + ports);
    }

    @Test
    void aStreamThatBreaksOffIsNoticed() {
        assertThrows(IOException.class, () -> get("/break-chunks?bytes=1000000"));
    }
}
