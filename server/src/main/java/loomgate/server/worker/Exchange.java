package loomgate.server.worker;

import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import loomgate.api.Body;
import loomgate.api.BodyTooLargeException;
import loomgate.api.Handler;
import loomgate.api.Headers;
import loomgate.api.Response;
import loomgate.server.log.RequestLine;
import loomgate.server.log.RequestLog;
import loomgate.server.net.PeerGone;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.Codec;
import loomgate.server.protocol.RequestHead;
import loomgate.server.protocol.StatusLine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers one request after the other: lets it in, calls the application, sends what it returns or what its failure
/// means, logs. One for all connections; it has no state of theirs.
final class Exchange {

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private final Handler handler;
    private final RequestGate gate;
    private final Phase.Current phase;
    private final Optional<RequestLog> log;
    private final AtomicLong requests = new AtomicLong();
    private final Refusals refusals = new Refusals();

    /// @param log empty if requests are not to be logged
    Exchange(Handler handler, RequestGate gate, Phase.Current phase, Optional<RequestLog> log) {
        this.handler = handler;
        this.gate = gate;
        this.phase = phase;
        this.log = log;
    }

    /// Answers the request whose head the codec has read.
    ///
    /// @throws PeerGone    the client did not take the answer
    /// @throws ResponseCut the answer could not be finished
    void answer(Codec codec, RequestHead head) throws PeerGone, ResponseCut {
        long startedMillis = System.currentTimeMillis();
        long started = System.nanoTime();
        try {
            if (gate.enter()) {
                try {
                    callAndSend(codec, head);
                } finally {
                    gate.leave();
                }
            } else {
                refusals.add();
                sendPlain(codec, plain(503).withHeader("Retry-After", "1"));
            }
        } catch (InterruptedException _) { // while it waited: the worker ends
            sendPlain(codec, plain(503));
        } finally {
            log(codec.sent(), head, startedMillis, System.nanoTime() - started);
        }
    }

    private void log(Codec.Sent sent, RequestHead head, long startedMillis, long nanos) {
        long number = requests.incrementAndGet();
        if (log.isPresent()) {
            log.get().add(new RequestLine(number, head.remoteAddress(), head.remoteUser(), head.variableCount(),
                    head.size(), startedMillis, head.method(), head.uri(), sent.bodyBytes(), nanos, head.protocol(),
                    sent.status(), sent.headers(), sent.headBytes()));
        }
    }

    /// Answers bytes that were no request.
    void refuse(Codec codec, BadRequest bad, String peer) throws PeerGone {
        LOG.warn("bad request from {}: {} {}", peer, bad.status(), bad.getMessage());
        sendPlain(codec, plain(bad.status()));
    }

    private void callAndSend(Codec codec, RequestHead head) throws PeerGone, ResponseCut {
        Response response;
        try {
            response = handler.handle(new ServerRequest(head, codec.body(), phase));
            if (response == null) {
                throw new NullPointerException("the handler returned null instead of a response");
            }
        } catch (Throwable failure) {
            sendPlain(codec, answerTo(failure, head));
            return;
        }
        try {
            prepareToSend(codec);
            codec.write(response);
        } catch (PeerGone gone) {
            throw gone;
        } catch (Throwable failure) {
            if (codec.sent().isCommitted()) {
                LOG.error("{} {}: the response is cut off, its body could not be made", head.method(), head.uri(),
                        failure);
                throw new ResponseCut();
            }
            sendPlain(codec, failure instanceof NoSuchFileException missing ? answerToMissing(missing, head)
                    : answerTo(failure, head));
        }
    }

    /// Sends a response that cannot fail to be made.
    private void sendPlain(Codec codec, Response response) throws PeerGone {
        prepareToSend(codec);
        try {
            codec.write(response);
        } catch (PeerGone gone) {
            throw gone;
        } catch (Exception e) {
            throw new IllegalStateException("a plain answer could not be made", e);
        }
    }

    private void prepareToSend(Codec codec) {
        Thread.interrupted(); // an interrupt that came too late must not close the channel
        if (phase.get().isDraining()) {
            codec.finish(); // asked as late as possible: who is told to keep the connection will use it
        }
    }

    /// What the client is told of a failure; the log is told all of it. What the peer did may come wrapped, from a
    /// library that read the body.
    private static Response answerTo(Throwable failure, RequestHead head) throws PeerGone {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case PeerGone gone -> throw gone;
                case BadRequest bad -> {
                    LOG.warn("bad request body from {}: {} {}", head.remoteAddress(), bad.status(), bad.getMessage());
                    return plain(bad.status());
                }
                case BodyTooLargeException tooLarge -> {
                    LOG.info("{} {}: {}", head.method(), head.uri(), tooLarge.getMessage());
                    return plain(413);
                }
                default -> {}
            }
        }
        LOG.error("{} {}: the application failed", head.method(), head.uri(), failure);
        return plain(500);
    }

    private static Response answerToMissing(NoSuchFileException missing, RequestHead head) {
        LOG.error("{} {}: the response's file does not exist: {}", head.method(), head.uri(), missing.getFile());
        return plain(404);
    }

    private static Response plain(int status) {
        String text = status + " " + StatusLine.reasonPhrase(status) + "\n";
        return new Response(status, Headers.of("Content-Type", "text/plain; charset=utf-8"),
                new Body.Bytes(text.getBytes(StandardCharsets.US_ASCII)));
    }

    /// Tells of requests that found all `threads` busy, once a second at most: there will be many.
    private static final class Refusals {

        private static final long INTERVAL_NANOS = 1_000_000_000;

        private long count;
        private long toldAt = System.nanoTime() - INTERVAL_NANOS;

        synchronized void add() {
            count++;
            long now = System.nanoTime();
            if (now - toldAt >= INTERVAL_NANOS) {
                LOG.warn("{} requests were answered with 503 since the last such line: all threads are busy and none was"
                        + " free within threads-wait", count);
                count = 0;
                toldAt = now;
            }
        }
    }
}
