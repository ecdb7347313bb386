package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// `proxy_pass http://unix:…`, with connections that are kept.
class HttpUnixSocketChainIT extends Chain {

    @Override
    String listener() {
        return "http = app.sock";
    }

    @Override
    FrontEnd frontEnd(RunningServer running) throws IOException {
        return Nginx.start("upstream app { server unix:" + running.folder() + "/app.sock; keepalive 32; }",
                "proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection \"\";");
    }

    @Test
    void aStreamThatBreaksOffIsNoticed() {
        assertThrows(IOException.class, () -> get("/break-chunks?bytes=1000000"));
    }
}
