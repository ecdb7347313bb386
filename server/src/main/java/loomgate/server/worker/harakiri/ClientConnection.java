package loomgate.server.worker.harakiri;

import loomgate.api.Response;
import loomgate.server.protocol.Codec;

/// A request's connection, as far as somebody other than its owner may meddle with it. From any thread.
public interface ClientConnection {

    /// Who is at the other end, for the log.
    String peerName();

    /// Answers in place of the owner and ends the output.
    Codec.Sent answerInstead(Response response) throws Exception;

    /// What has left of the owner's own answer, until now.
    Codec.Sent sent();

    /// Whether the owner waits for the client right now: then an interrupt would close the connection under an answer
    /// that is still on its way.
    boolean isAwaitingClient();

    /// Ends a wait for bytes of the client; there will be no more.
    void stopReading();

    /// Makes the close that follows one that the client notices, after an answer that was begun.
    void cutWhenClosed();

    /// Ends the connection at once, and with it all that waits for its end.
    void abandon();

    /// Whether the client has gone away, as far as that can be told without disturbing anything.
    boolean isClientGone();

    /// Bytes that came in over it, and went out, until now.
    long bytesIn();

    long bytesOut();
}
