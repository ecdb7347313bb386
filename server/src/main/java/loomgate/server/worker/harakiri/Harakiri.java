package loomgate.server.worker.harakiri;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import loomgate.api.Response;
import loomgate.server.config.DeadlineSettings;
import loomgate.server.config.DeadlineSettings.Cancellation;
import loomgate.server.control.EndCause;
import loomgate.server.control.WorkerLabel;
import loomgate.server.protocol.Codec;
import loomgate.server.protocol.PlainResponse;
import loomgate.server.protocol.RequestHead;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends requests that take too long or that nobody waits for. What is due is decided on the watch's thread, which never
/// waits; what is done about it is done on a thread of its own for each case, a platform thread, because the carriers
/// of virtual ones may be what is kept busy.
public final class Harakiri {

    private static final Logger LOG = LoggerFactory.getLogger(Harakiri.class);

    private static final long CLIENT_INTERVAL = TimeUnit.MILLISECONDS.toNanos(250); // between looks for it

    private static final int LONGEST_PRINTED = 300; // characters of an URI in the log

    private static final long SECOND_SAMPLE_MILLIS = 50; // after the first

    /// What others do when a request has ended without its handler.
    public interface Consequences {

        /// The request was answered, or will never be.
        void answered(RunningRequest request, Codec.Sent sent);

        /// The worker should not go on for ever.
        void replaceWorker(EndCause cause, String detail);
    }

    private final DeadlineSettings settings;
    private final TimeLimits limits;
    private final WorkerLabel label;
    private final Consequences consequences;
    private final AtomicLong begun = new AtomicLong();

    public Harakiri(DeadlineSettings settings, WorkerLabel label, Consequences consequences) {
        this.settings = settings;
        this.limits = TimeLimits.of(settings.slow(), settings.grace());
        this.label = label;
        this.consequences = consequences;
    }

    /// A request begins: its head is read.
    public RunningRequest begin(RequestHead head, ClientConnection client) {
        Duration harakiri = settings.harakiri();
        boolean isLimited = harakiri.isPositive();
        return new RunningRequest(begun.incrementAndGet(), head, client,
                isLimited ? harakiri.toNanos() : TimeLimits.UNLIMITED,
                isLimited ? harakiri.plus(settings.extension()).toNanos() : TimeLimits.UNLIMITED);
    }

    /// Does what is due for a request. For the watch's thread alone.
    public void check(RunningRequest request) {
        if (request.hasEnded()) {
            return;
        }
        long age = request.age();
        switch (limits.due(request.stage, age, request.limit())) {
            case REPORT -> {
                request.stage = new Stage.Slow();
                apart("log-slow", () -> report(request));
            }
            case END -> {
                request.stage = new Stage.Overdue(age);
                end(request);
            }
            case GIVE_UP -> {
                request.stage = new Stage.Stuck();
                apart("harakiri", () -> giveUp(request));
            }
            case NONE -> {
                if (request.stage instanceof Stage.Overdue) {
                    interruptUnlessAwaitingClient(request);
                } else if (age >= request.lookForClientAt) {
                    request.lookForClientAt = age + CLIENT_INTERVAL;
                    cancelIfClientIsGone(request);
                }
            }
        }
    }

    /// Answers with 500 in place of a handler that will never come back, if that is still possible.
    public void failInstead(RunningRequest request) {
        if (request.forfeit()) {
            answer(request, 500);
        }
    }

    private void cancelIfClientIsGone(RunningRequest request) {
        if (isCancellable(request.head()) && request.isOpen() && request.client().isClientGone() && request.forfeit()) {
            apart("cancel", () -> cancel(request));
        }
    }

    private boolean isCancellable(RequestHead head) {
        return switch (settings.cancellation()) {
            case OFF -> false;
            case SAFE -> switch (head.method()) {
                case "GET", "HEAD", "OPTIONS" -> true;
                default -> false;
            };
            case ALL -> true;
        };
    }

    /// Work that may wait, for a thread in a hang, for a client, for the log.
    private static void apart(String name, Runnable work) {
        Thread.ofPlatform().daemon().name(name).start(work);
    }

    private void report(RunningRequest request) {
        StackReport stack = StackReport.of(request.thread());
        if (!request.hasEnded()) {
            LOG.warn("{}: slow request: {}, {}: at {}", label, described(request), seconds(request), stack.place());
        }
    }

    /// The right to answer is taken here, on the watch's thread, so that the limit holds; the rest may wait.
    private void end(RunningRequest request) {
        if (request.forfeit()) {
            apart("harakiri", () -> {
                answer(request, 504);
                interruptAndReport(request, "answered with 504");
            });
        } else if (request.cut()) {
            apart("harakiri", () -> {
                request.client().cutWhenClosed();
                interruptAndReport(request, "cut off in the middle of its answer");
            });
        } else if (request.isForfeited()) { // its client had gone before
            apart("harakiri", () -> interruptAndReport(request, "without a client to answer"));
        }
    }

    private void answer(RunningRequest request, int status) {
        Codec.Sent sent = Codec.Sent.NOTHING;
        try {
            sent = request.client().answerInstead(PlainResponse.of(status));
        } catch (Exception e) { // the handler is interrupted all the same
            LOG.debug("{}: {} could not be sent", label, status, e);
        }
        consequences.answered(request, sent);
    }

    private void interruptAndReport(RunningRequest request, String how) {
        StackReport first = StackReport.of(request.thread()); // where it was before the interrupt moves it
        interruptUnlessAwaitingClient(request);
        LOG.warn("*** HARAKIRI ON WORKER {} (pid: {}) *** {}, {}, {}: at {}{}", label.worker(), label.pid(),
                described(request), seconds(request), how, first.place(),
                settings.verbose() ? verbose(request, first) : "");
    }

    private void interruptUnlessAwaitingClient(RunningRequest request) {
        if (request.isInterrupted()) {
            return;
        }
        if (request.client().isAwaitingClient()) {
            request.client().stopReading();
        } else {
            request.interrupt();
        }
    }

    private static String verbose(RunningRequest request, StackReport first) {
        StringBuilder text = new StringBuilder();
        text.append("\n  ").append(request.bytesIn()).append(" bytes of body in, ").append(request.bytesOut())
                .append(" bytes out\n  when its time was over: ").append(first.activity()).append(first.text());
        try {
            Thread.sleep(SECOND_SAMPLE_MILLIS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody should interrupt this", e);
        }
        StackReport second = StackReport.of(request.thread());
        text.append("\n  ").append(SECOND_SAMPLE_MILLIS).append(" ms after the interrupt: ");
        return request.hasEnded() ? text.append("ended").toString()
                : text.append(second.activity()).append(second.text()).toString();
    }

    private void cancel(RunningRequest request) {
        consequences.answered(request, new Codec.Sent(499, 0, 0, 0));
        StackReport stack = StackReport.of(request.thread());
        request.interrupt();
        LOG.info("{}: cancelled, its client has gone: {}, {}: at {}", label, described(request), seconds(request),
                stack.place());
    }

    private void giveUp(RunningRequest request) {
        StackReport stack = StackReport.of(request.thread());
        if (request.hasEnded()) {
            return; // while it was looked at
        }
        String what = described(request) + " at " + stack.place();
        LOG.error("{}: stuck request, it goes on although it was interrupted {} ms ago ({}): {}{}", label,
                settings.grace().toMillis(), stack.activity(), what, stack.text());
        consequences.replaceWorker(EndCause.STUCK_REQUEST, what);
        request.client().abandon();
    }

    /// How the log names a request.
    public static String described(RunningRequest request) {
        RequestHead head = request.head();
        return "request " + request.number() + ": " + printable(head.method()) + " " + printable(head.uri()) + " from "
                + (head.remoteAddress().isEmpty() ? "a unix socket" : printable(head.remoteAddress()));
    }

    /// What comes from outside cannot end a line of the log or steer a terminal.
    private static String printable(String text) {
        return (text.length() > LONGEST_PRINTED ? text.substring(0, LONGEST_PRINTED) + "..." : text)
                .replaceAll("[^ -~]", "?");
    }

    private static String seconds(RunningRequest request) {
        return request.age() / 1_000_000 / 1000.0 + " s";
    }
}
