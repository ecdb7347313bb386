package loomgate.server.protocol;

import java.io.IOException;

/// The peer broke the protocol or one of its limits. Thrown by codecs only, caught once, in the connection loop: the
/// peer is answered with the status and the connection ends.
public final class BadRequest extends IOException {

    private static final long serialVersionUID = 1L;

    private final int status;

    /// @param status the answer, 400 to 599
    /// @param reason for the log and for the peer: what was wrong, with the limit and the figure where there is one
    public BadRequest(int status, String reason) {
        super(reason);
        this.status = status;
    }

    public int status() {
        return status;
    }

    /// A bad request is an answer, not a failure of ours: its stack trace tells nobody anything.
    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
