package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// `uwsgi_pass 127.0.0.1:3031`
class TcpSocketChainIT extends Chain {

    @Override
    String listener() {
        return "socket = 127.0.0.1:0";
    }

    @Override
    FrontEnd frontEnd(RunningServer running) throws IOException {
        return Nginx.start("",
                "include uwsgi_params; uwsgi_pass 127.0.0.1:" + running.port(0) + ";");
    }

    @Test
    void aStreamThatBreaksOffIsNoticed() {
        assertThrows(IOException.class, () -> get("/break-chunks?bytes=1000000"));
    }
}
