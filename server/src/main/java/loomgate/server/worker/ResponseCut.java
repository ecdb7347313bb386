package loomgate.server.worker;

import java.io.IOException;

/// A response could not be finished after its head had left. The peer must notice, so the connection is reset.
final class ResponseCut extends IOException {

    private static final long serialVersionUID = 1L;

    ResponseCut() {
        super("the response was cut off");
    }
}
