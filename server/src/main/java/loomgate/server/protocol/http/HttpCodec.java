package loomgate.server.protocol.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import loomgate.api.Response;
import loomgate.server.net.ByteInput;
import loomgate.server.net.ByteOutput;
import loomgate.server.net.ReadTimeout;
import loomgate.server.net.Transport;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.Codec;
import loomgate.server.protocol.CommitGate;
import loomgate.server.protocol.FixedLengthBody;
import loomgate.server.protocol.Limits;
import loomgate.server.protocol.Octets;
import loomgate.server.protocol.Peer;
import loomgate.server.protocol.RequestBody;
import loomgate.server.protocol.RequestHead;
import loomgate.server.protocol.ResponseWriter;

/// HTTP/1.1 and HTTP/1.0 (RFC 9110, RFC 9112): persistent connections, pipelining, chunked bodies both ways.
///
///     readHead ── head ──> body? ── write ──> persistent: passOn, readHead again
///        │                   │                └─> else: close, and linger while hasUnreadInput
///        └─ BadRequest ──────┴──> write ──> close
public final class HttpCodec implements Codec {

    /// Of a body that the application did not read, as many bytes are read for it so that the connection can persist;
    /// to read more costs more than a new connection.
    private static final long SKIPPED_AT_MOST = 64 * 1024;

    private static final int USUAL_HEAD = 4096; // bytes that nearly every head fits into

    private static final byte[] CONTINUE = Octets.ascii("HTTP/1.1 100 Continue\r\n\r\n");
    private static final byte[] CONNECTION_CLOSE = Octets.ascii("Connection: close\r\n");
    private static final byte[] CONNECTION_KEEP_ALIVE = Octets.ascii("Connection: keep-alive\r\n");

    private final Transport transport;
    private final Limits limits;
    private final Peer peer;
    private final OriginFields origin;
    private final ByteInput input;
    private final LineReader lines;
    private final HeadReader heads;
    private final ResponseWriter responses;

    private boolean hasBegun; // a request has, of which at least a byte came in
    private HttpHead head; // null while none was understood
    private RequestBody body; // null as the head
    private ExpectedBody expectedBody; // null unless the client waits for 100 Continue
    private boolean hasDate; // the response has one of its own
    private boolean hasServer; // likewise
    private boolean announcedPersistent; // what the head of the response has said
    private boolean isPersistent;
    private boolean isFinishing;

    public HttpCodec(Transport transport, Limits limits, Peer peer) {
        this(transport, limits, peer, OriginFields.OF_THE_SYSTEM);
    }

    HttpCodec(Transport transport, Limits limits, Peer peer, OriginFields origin) {
        this.transport = transport;
        this.limits = limits;
        this.peer = peer;
        this.origin = origin;
        this.input = new ByteInput(transport, USUAL_HEAD, limits.bufferSize());
        this.lines = new LineReader(input);
        this.heads = new HeadReader(input, lines, limits);
        this.responses = new ResponseWriter(transport, this::putOwnFields);
    }

    @Override
    public Optional<RequestHead> readHead() throws IOException {
        if (!skipUnreadBody()) {
            return Optional.empty();
        }
        isPersistent = false;
        head = null;
        body = null;
        expectedBody = null;
        responses.beginNext();
        if (!awaitRequest()) {
            return Optional.empty();
        }
        try {
            HttpHead read = heads.read();
            read.understand(peer);
            body = read.framing().length() == Framing.CHUNKED ? new ChunkedBody(input, lines, limits)
                    : new FixedLengthBody(input, read.framing().length());
            expectedBody = read.framing().expectsContinue() ? new ExpectedBody(body, this::sendContinue) : null;
            head = read;
            return Optional.of(read);
        } catch (ReadTimeout timeout) {
            throw new BadRequest(408, "the request's head did not come in time: " + timeout.getMessage());
        }
    }

    @Override
    public Next passOn() throws IOException {
        if (!isPersistent() || !skipUnreadBody()) {
            return Next.NONE;
        }
        return input.available() > 0 ? Next.BEGUN : Next.AWAITED;
    }

    /// Silence where a request could have begun is the client's right: nothing is said about it.
    private boolean awaitRequest() throws IOException {
        hasBegun = true; // unless it turns out otherwise; a BadRequest is the answer to one that has
        try {
            hasBegun = heads.awaitRequest();
        } catch (ReadTimeout _) {
            hasBegun = false;
        }
        return hasBegun;
    }

    /// The rest of a body that nobody read is in the way of the next request. False if it did not come: the request
    /// was answered, so nothing is said about it.
    private boolean skipUnreadBody() throws IOException {
        if (body == null || body.unread() == 0) {
            return true;
        }
        try {
            body.skipRest();
            return true;
        } catch (BadRequest _) {
            isPersistent = false;
            return false;
        }
    }

    @Override
    public InputStream body() {
        return expectedBody == null ? body : expectedBody;
    }

    /// Not after the final response has begun, which the client takes for the answer to its question.
    private void sendContinue() throws IOException {
        if (!responses.isCommitted()) {
            transport.write(ByteBuffer.wrap(CONTINUE));
        }
    }

    @Override
    public void write(Response response, CommitGate gate) throws Exception {
        isPersistent = false;
        hasDate = response.headers().contains("Date");
        hasServer = response.headers().contains("Server");
        boolean isHead = head == null ? heads.isHead() : head.method().equals("HEAD");
        responses.write(response, head, isHead, head != null && !head.isHttp10(), gate);
        isPersistent = announcedPersistent && isBodyOutOfTheWay();
    }

    @Override
    public Sent answerInstead(Response response, Transport transport) throws Exception {
        ResponseWriter instead = new ResponseWriter(transport, (fields, _) -> {
            int count = origin.putInto(fields, false, false);
            fields.put(CONNECTION_CLOSE);
            return count + 1;
        });
        instead.write(response, head, head.method().equals("HEAD"), false, CommitGate.OPEN);
        return instead.sent();
    }

    private int putOwnFields(ByteOutput fields, boolean isDelimited) {
        int count = origin.putInto(fields, hasDate, hasServer);
        announcedPersistent = isDelimited && !isFinishing && head != null && !head.framing().closes()
                && isBodyOutOfTheWay();
        if (!announcedPersistent) {
            fields.put(CONNECTION_CLOSE);
            count++;
        } else if (head.isHttp10()) {
            fields.put(CONNECTION_KEEP_ALIVE);
            count++;
        }
        return count;
    }

    /// Whether the next request can be reached. A client that still waits for a 100 may or may not send its body.
    private boolean isBodyOutOfTheWay() {
        long unread = body.unread();
        boolean isAwaitingContinue = expectedBody != null && !expectedBody.isInvited();
        return unread == 0 || unread != RequestBody.UNKNOWN && unread <= SKIPPED_AT_MOST && !isAwaitingContinue;
    }

    @Override
    public Sent sent() {
        return responses.sent();
    }

    @Override
    public boolean isPersistent() {
        return isPersistent && !isFinishing;
    }

    @Override
    public void finish() {
        isFinishing = true;
    }

    /// After a connection's last response this includes requests that were sent ahead and will not be answered.
    @Override
    public boolean hasUnreadInput() {
        if (!hasBegun || input.isEnded()) {
            return false;
        }
        return head == null || body.unread() != 0 || input.available() > 0;
    }
}
