package loomgate.server.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import loomgate.api.Response;
import loomgate.server.net.Transport;

/// One connection's side of a wire protocol: reads requests, writes responses, in turn. Knows bytes and grammar,
/// nothing of sockets. Belongs to the one thread that owns the connection.
///
/// The order of calls is [#readHead()], any use of [#body()], [#write], [#passOn()] — and again while
/// [#isPersistent()].
public interface Codec {

    /// Reads the next request's head. Empty when the peer ended the connection where a request could have begun, or
    /// when the codec itself has answered everything there was to answer (the uwsgi ping).
    ///
    /// @throws BadRequest  the bytes are no request that we serve; answer with [#write] of its status, then close
    /// @throws IOException the peer has gone or was too slow
    Optional<RequestHead> readHead() throws IOException;

    /// What is known of the next request on a connection.
    enum Next {
        /// There will be none.
        NONE,
        /// Nothing of it is here.
        AWAITED,
        /// It has begun.
        BEGUN
    }

    /// Reads what was left unread of the last request, which is in the way of the next. For connections on which
    /// another request may follow ([#isPersistent()]), before [#readHead()], so that each has its own time: what is
    /// late here is late in an answered request.
    ///
    /// @throws IOException the peer has gone
    Next passOn() throws IOException;

    /// The body of the request last read; always the same stream for one request. Its reads throw [BadRequest] when the
    /// body is malformed or shorter than announced.
    InputStream body();

    /// Sends the response to the request last read (or to the bytes that were none). Bytes have left when it returns.
    /// May be called again after it threw, as long as [#sent()] says that nothing has left.
    ///
    /// @throws loomgate.server.net.PeerGone the peer did not take the response
    /// @throws AnswerForfeited the gate did not let it pass
    /// @throws Exception what the writer of a stream threw, or the failure to read a file
    void write(Response response, CommitGate gate) throws Exception;

    /// As [#write(Response, CommitGate)], of a response that nobody else can forestall.
    default void write(Response response) throws Exception {
        write(response, CommitGate.OPEN);
    }

    /// Answers the request last read in place of the connection's owner, whose [#write] will not pass its gate, and as
    /// the last answer on the connection. From any thread that has seen [#readHead()] return.
    ///
    /// @param transport to write to, which does not interfere with what the owner does on its own
    /// @return what has left
    Sent answerInstead(Response response, Transport transport) throws Exception;

    /// What has left for the request last read: for the log, and for the decision whether another answer can be given.
    Sent sent();

    /// Whether another request may follow on this connection. Meaningful after [#write].
    boolean isPersistent();

    /// Closes the codec for further requests: the response that comes next is the connection's last, and says so where
    /// the protocol has a way to.
    void finish();

    /// Whether the peer may still be sending bytes of a request that nobody will read: then the connection has to
    /// linger before it is closed, or the peer loses the response to a reset. To be asked after the last response.
    ///
    /// @throws PeerGone    the connection broke
    /// @throws ReadTimeout the peer has taken too long to send something before
    boolean hasUnreadInput() throws IOException;

    /// What has left so far in answer to one request.
    ///
    /// @param status      the response's status, 0 while nothing has left
    /// @param headers     number of header fields, the server's own included
    /// @param headBytes   bytes of status line, header fields and the empty line, as uWSGI counts them
    /// @param bodyBytes   bytes of the body, framing not counted
    record Sent(int status, int headers, int headBytes, long bodyBytes) {

        public static final Sent NOTHING = new Sent(0, 0, 0, 0);

        public boolean isCommitted() {
            return status != 0;
        }
    }
}
