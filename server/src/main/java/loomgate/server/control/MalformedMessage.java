package loomgate.server.control;

import java.io.IOException;

/// What came over the control channel is no message: the other side is another version, or broken.
public final class MalformedMessage extends IOException {

    private static final long serialVersionUID = 1L;

    /// @param kind the message's first word; the rest may hold secrets
    MalformedMessage(String kind) {
        super("malformed control message: " + kind);
    }
}
