package loomgate.server.protocol.fuzz;

import loomgate.server.protocol.EscapedText;

/// Bytes with which something does not hold. Its message has them as a case for the corpus.
final class Find extends AssertionError {

    private static final long serialVersionUID = 1L;

    /// Asserts something about bytes.
    interface Check {
        void on(byte[] bytes) throws Exception;
    }

    private Find(byte[] bytes, Throwable cause) {
        super(cause + "\nAs a case for the corpus:\n" + EscapedText.of(bytes) + "\n", cause);
    }

    static void orNothing(byte[] bytes, Check check) {
        try {
            check.on(bytes);
        } catch (Exception | AssertionError e) {
            throw new Find(bytes, e);
        }
    }
}
