package loomgate.server.net;

import java.io.IOException;

/// The peer went away, or did not send or take bytes in time. No error of anyone's: the connection is closed and
/// nothing is said above debug level.
public final class PeerGone extends IOException {

    private static final long serialVersionUID = 1L;

    public PeerGone(String message) {
        super(message);
    }

    public PeerGone(String message, IOException cause) {
        super(message, cause);
    }
}
