package loomgate.server.protocol;

/// Has the last word before a response begins to leave: somebody else may have answered the request in the meantime.
@FunctionalInterface
public interface CommitGate {

    /// Lets every response pass.
    CommitGate OPEN = () -> {};

    /// Called right before the first byte of a response leaves, and not at all if it comes to nothing.
    ///
    /// @throws AnswerForfeited nothing may leave
    void pass() throws AnswerForfeited;
}
