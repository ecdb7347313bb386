package loomgate.server.it;

import java.io.IOException;
import java.util.regex.Pattern;

/// Who asks a master at its `status` address how the server is, as a load balancer does: once, without a second try.
record Probe(int port) {

    /// What the master said.
    ///
    /// @param rest what followed the head, up to the end of the connection
    record Answer(RawConnection.Reply head, String rest) {

        int status() {
            return head.status();
        }
    }

    /// Waits until the address is known.
    static Probe of(RunningServer server) {
        Pattern line = Pattern.compile("/live and /ready are answered on \\S*:(\\d+)\n");
        server.awaitLog(line.pattern(), 1);
        return new Probe(Integer.parseInt(server.matches(line.pattern()).getFirst().group(1)));
    }

    Answer live() throws IOException {
        return ask("GET", "/live");
    }

    Answer ready() throws IOException {
        return ask("GET", "/ready");
    }

    boolean isReady() throws IOException {
        return ready().status() == 200;
    }

    Answer ask(String method, String target) throws IOException {
        try (RawConnection connection = RawConnection.toPort(port)) {
            RawConnection.Reply head = connection.send(method + " " + target + " HTTP/1.1\r\nHost: test\r\n\r\n")
                    .reply();
            return new Answer(head, head.rest());
        }
    }
}
