package loomgate.server.worker;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import loomgate.api.Body;
import loomgate.api.BodyTooLargeException;
import loomgate.api.Handler;
import loomgate.api.Response;
import loomgate.server.log.Printable;
import loomgate.server.net.PeerGone;
import loomgate.server.protocol.AnswerForfeited;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.Codec;
import loomgate.server.protocol.PlainResponse;
import loomgate.server.protocol.RequestHead;
import loomgate.server.worker.harakiri.RunningRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers one request after the other: lets it in, calls the application, sends what it returns or what its failure
/// means, logs. One for all connections; it has no state of theirs.
final class Exchange {

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    private static final int LONGEST_PRINTED = 1000; // characters of a URI or a path in the log

    private final Handler handler;
    private final HandlerThreads threads;
    private final BodyLimit bodyLimit;
    private final PostBuffering buffering;
    private final RequestGate gate;
    private final Phase.Current phase;
    private final RequestTally tally;
    private final Distress distress;
    private final OnceASecond refusals = new OnceASecond(); // requests that found all `threads` busy

    /// @param distress is told of what the worker should not survive
    Exchange(Handler handler, HandlerThreads threads, BodyLimit bodyLimit, PostBuffering buffering, RequestGate gate,
            Phase.Current phase, RequestTally tally, Distress distress) {
        this.handler = handler;
        this.threads = threads;
        this.bodyLimit = bodyLimit;
        this.buffering = buffering;
        this.gate = gate;
        this.phase = phase;
        this.tally = tally;
        this.distress = distress;
    }

    /// Answers the request whose head the codec has read.
    ///
    /// @throws PeerGone    the client did not take the answer
    /// @throws ResponseCut the answer could not be finished
    void answer(Codec codec, RunningRequest request) throws PeerGone, ResponseCut {
        try {
            Optional<InputStream> body = bodyFor(codec, request);
            if (body.isPresent()) {
                try (InputStream content = body.get()) {
                    enterAndCall(codec, request, content);
                }
            }
        } catch (IOException e) {
            throw asDeclared(e);
        } catch (InterruptedException _) { // while it waited: the worker ends, or the request's time is over
            sendPlain(codec, request, PlainResponse.of(503));
        } finally {
            request.end();
            if (request.isToBeTold()) { // unless who has answered instead has told of it
                tally.answered(request, codec.sent());
            }
        }
    }

    /// Answers bytes that were no request.
    void refuse(Codec codec, BadRequest bad, String peer) throws PeerGone {
        LOG.warn("bad request from {}: {} {}", peer, bad.status(), bad.getMessage());
        sendOwn(codec, PlainResponse.of(bad));
    }

    /// Answers somebody who is not to be served at all.
    void turnAway(Codec codec) throws PeerGone {
        sendOwn(codec, PlainResponse.of(403));
    }

    private static void sendOwn(Codec codec, Response response) throws PeerGone {
        try {
            codec.write(response);
        } catch (PeerGone gone) {
            throw gone;
        } catch (Exception e) {
            throw new IllegalStateException("a plain answer could not be made", e);
        }
    }

    private static PeerGone asDeclared(IOException e) throws ResponseCut {
        return switch (e) {
            case PeerGone gone -> gone;
            case ResponseCut cut -> throw cut;
            default -> throw new IllegalStateException("a body that was read could not be closed", e);
        };
    }

    /// The body as the application is to read it; empty if it cannot be had, which the client has been told.
    private Optional<InputStream> bodyFor(Codec codec, RunningRequest request) throws PeerGone, InterruptedException {
        long length = request.head().contentLength();
        request.stopClock();
        try {
            return Optional.of(buffering.readWhole(bodyLimit.applyTo(codec.body(), length), length));
        } catch (PostBuffering.NoRoom e) {
            LOG.error("{}: {}", printed(request.head()), e.getMessage());
            sendPlain(codec, request, PlainResponse.of(503));
        } catch (IOException e) {
            sendPlain(codec, request, answerTo(e, request));
        } finally {
            request.startClock();
        }
        return Optional.empty();
    }

    private void enterAndCall(Codec codec, RunningRequest request, InputStream body)
            throws PeerGone, ResponseCut, InterruptedException {
        if (gate.enter()) {
            try {
                threads.run(() -> callAndSend(codec, request, body));
            } finally {
                gate.leave();
            }
        } else {
            refusals.add().ifPresent(count -> LOG.warn("{} requests were answered with 503 since the last such line:"
                    + " all threads are busy and none was free within threads-wait", count));
            sendPlain(codec, request, PlainResponse.of(503).withHeader("Retry-After", "1"));
        }
    }

    private void callAndSend(Codec codec, RunningRequest request, InputStream body) throws PeerGone, ResponseCut {
        request.enterThread();
        try {
            Response response;
            try {
                response = handler.handle(new ServerRequest(request, body, phase));
                if (response == null) {
                    throw new NullPointerException("the handler returned null instead of a response");
                }
            } catch (Throwable failure) {
                sendPlain(codec, request, answerTo(failure, request));
                return;
            }
            send(codec, request, response);
        } finally {
            request.leaveThread();
        }
    }

    private void send(Codec codec, RunningRequest request, Response response) throws PeerGone, ResponseCut {
        try {
            prepareToSend(codec, request);
            codec.write(response, request::beginAnswer);
            request.endAnswer();
        } catch (AnswerForfeited _) {
            // somebody else has answered; what the handler made of it is of no interest
        } catch (PeerGone gone) {
            throw gone;
        } catch (Throwable failure) {
            if (codec.sent().isCommitted()) {
                throw cutOff(failure, request);
            }
            sendPlain(codec, request, response.body() instanceof Body.File && failure instanceof FileSystemException e
                    ? answerToUnreadable(e, request.head()) : answerTo(failure, request));
        }
    }

    /// Sends a response that cannot fail to be made.
    private void sendPlain(Codec codec, RunningRequest request, Response response) throws PeerGone {
        prepareToSend(codec, request);
        try {
            codec.write(response, request::beginAnswer);
            request.endAnswer();
        } catch (AnswerForfeited _) {
            // as above
        } catch (PeerGone gone) {
            throw gone;
        } catch (Exception e) {
            throw new IllegalStateException("a plain answer could not be made", e);
        }
    }

    private void prepareToSend(Codec codec, RunningRequest request) {
        request.forgetInterrupt();
        if (phase.get().isDraining()) {
            codec.finish(); // asked as late as possible: who is told to keep the connection will use it
        }
    }

    /// What a failure means for an answer that has begun. The log is told why, and all of it unless the peer is at
    /// fault.
    private ResponseCut cutOff(Throwable failure, RunningRequest request) throws PeerGone {
        distress.noticeIfFatal(failure, request);
        String what = printed(request.head());
        switch (doneByThePeer(failure)) {
            case PeerGone gone -> throw gone;
            case Throwable _ when request.isCancelled() -> {} // told already
            case BadRequest bad -> LOG.warn("bad request body from {}: {}: the response is cut off: {} {}",
                    request.client().peerName(), what, bad.status(), bad.getMessage());
            case BodyTooLargeException tooLarge ->
                    LOG.info("{}: the response is cut off: {}", what, tooLarge.getMessage());
            case Throwable own -> LOG.error("{}: the response is cut off: {}", what, own.toString(), own);
        }
        return new ResponseCut();
    }

    /// What the client is told of a failure; the log is told all of it.
    private Response answerTo(Throwable failure, RunningRequest request) throws PeerGone {
        distress.noticeIfFatal(failure, request);
        RequestHead head = request.head();
        if (request.isCancelled()) {
            LOG.debug("{}: ended as it was told to", printed(head), failure);
            return PlainResponse.of(500); // will not pass the gate
        }
        switch (doneByThePeer(failure)) {
            case PeerGone gone -> throw gone;
            case BadRequest bad -> {
                LOG.warn("bad request body from {}: {}: {} {}", request.client().peerName(), printed(head),
                        bad.status(), bad.getMessage());
                return PlainResponse.of(bad);
            }
            case BodyTooLargeException tooLarge -> {
                LOG.info("{}: {}", printed(head), tooLarge.getMessage());
                return PlainResponse.of(413);
            }
            case Throwable own -> {
                LOG.error("{}: the application failed", printed(head), own);
                return PlainResponse.of(500);
            }
        }
    }

    /// What the peer did, which may come wrapped, from a library that read the body or wrote the answer; the failure
    /// itself if the peer has no part in it.
    private static Throwable doneByThePeer(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PeerGone || cause instanceof BadRequest || cause instanceof BodyTooLargeException) {
                return cause;
            }
        }
        return failure;
    }

    /// Of the file that is the response's body.
    private static Response answerToUnreadable(FileSystemException failure, RequestHead head) {
        LOG.error("{}: the response's file cannot be sent: {}", printed(head),
                Printable.of(failure.toString(), LONGEST_PRINTED));
        return PlainResponse.of(failure instanceof NoSuchFileException ? 404 : 500);
    }

    private static String printed(RequestHead head) {
        return Printable.of(head.method() + " " + head.uri(), LONGEST_PRINTED);
    }
}
