package loomgate.server.protocol;

import java.io.IOException;

/// A response comes too late: the request was answered without it, or nobody wants an answer any more.
public final class AnswerForfeited extends IOException {

    private static final long serialVersionUID = 1L;

    public AnswerForfeited() {
        super("the request has ended without this response");
    }
}
