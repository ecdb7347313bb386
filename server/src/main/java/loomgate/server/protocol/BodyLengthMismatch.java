package loomgate.server.protocol;

import java.io.IOException;

/// The writer of a stream writes another number of bytes than the response has announced.
public final class BodyLengthMismatch extends IOException {

    private static final long serialVersionUID = 1L;

    /// @param written what the writer has written, or wants to have written, in bytes
    BodyLengthMismatch(long announced, long written) {
        super("the body was announced with " + announced + " bytes, its writer wrote " + written);
    }
}
