package loomgate.api;

import java.io.IOException;

/// The request's body is larger than the handler said it would accept. When it escapes from [Handler#handle] the client
/// gets 413 (RFC 9110 section 15.5.14).
public final class BodyTooLargeException extends IOException {

    private static final long serialVersionUID = 1L;

    /// @param limit the number of bytes that would have been accepted
    public BodyTooLargeException(long limit) {
        super("the request body is larger than " + limit + " bytes");
    }
}
