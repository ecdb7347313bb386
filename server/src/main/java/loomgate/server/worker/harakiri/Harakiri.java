package loomgate.server.worker.harakiri;

import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import loomgate.server.config.DeadlineSettings;
import loomgate.server.control.EndCause;
import loomgate.server.control.WorkerLabel;
import loomgate.server.log.Printable;
import loomgate.server.protocol.Codec;
import loomgate.server.protocol.PlainResponse;
import loomgate.server.protocol.RequestHead;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends requests that take too long or that nobody waits for. What is due is decided on the watch's thread, which never
/// waits; what is done about it is done on other threads, platform threads, because the carriers of virtual ones may
/// be what is kept busy. They are bounded in number: hundreds of requests can become overdue at once.
public final class Harakiri {

    private static final Logger LOG = LoggerFactory.getLogger(Harakiri.class);

    private static final long CLIENT_INTERVAL = TimeUnit.MILLISECONDS.toNanos(250); // between looks for it

    private static final int LONGEST_PRINTED = 300; // characters of an URI in the log

    private static final long SECOND_SAMPLE_MILLIS = 50; // after the first

    private static final int MOST_THREADS = 64; // of each kind

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
    private final ThreadPoolExecutor answers = threads("harakiri"); // that the client or a thread in a hang may keep
    private final ThreadPoolExecutor reports = threads("harakiri-report"); // that the log may keep

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
        long spent = request.spent();
        switch (limits.due(request.stage, spent, request.limit())) {
            case REPORT -> {
                request.stage = new Stage.Slow();
                apart(reports, () -> report(request));
            }
            case END -> {
                request.stage = new Stage.Overdue(spent);
                end(request);
            }
            case GIVE_UP -> {
                request.stage = new Stage.Stuck();
                apart(answers, () -> giveUp(request));
            }
            case NONE -> {
                if (request.stage instanceof Stage.Overdue && !request.isInterrupted()) {
                    apart(answers, () -> interruptUnlessAwaitingClient(request));
                } else if (request.age() >= request.lookForClientAt) {
                    request.lookForClientAt = request.age() + CLIENT_INTERVAL;
                    cancelIfClientIsGone(request);
                }
            }
        }
    }

    /// Answers with 500 in place of a handler that will never come back, if that is still possible, and ends its
    /// connection.
    public void failInstead(RunningRequest request) {
        if (request.forfeit()) {
            answer(request, 500);
        } else if (request.cut()) {
            request.client().cutWhenClosed();
        }
        abandon(request);
    }

    /// The owner will not come back to tell of it.
    private void abandon(RunningRequest request) {
        if (request.isToBeTold()) {
            consequences.answered(request, request.client().sent());
        }
        request.client().abandon();
    }

    private void cancelIfClientIsGone(RunningRequest request) {
        if (isCancellable(request.head()) && request.isOpen() && request.client().isClientGone() && request.forfeit()) {
            apart(answers, () -> cancel(request));
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

    private static ThreadPoolExecutor threads(String name) {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(MOST_THREADS, MOST_THREADS, 10, TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(), Thread.ofPlatform().daemon().name(name + "-", 1).factory());
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /// Work that may wait, for a thread in a hang, for a client, for the log.
    private static void apart(ThreadPoolExecutor threads, Runnable work) {
        try {
            threads.execute(work);
        } catch (OutOfMemoryError e) { // no thread could be added: those that there are have to do
            threads.getQueue().add(work);
            throw e;
        }
    }

    private void report(RunningRequest request) {
        StackReport stack = StackReport.of(request.thread());
        if (!request.hasEnded()) {
            LOG.warn("{}: slow request: {}, {}: at {}", label, described(request), seconds(request.spent()),
                    stack.place());
        }
    }

    /// The right to answer is taken here, on the watch's thread, so that the limit holds; the rest may wait.
    private void end(RunningRequest request) {
        if (request.forfeit()) {
            apart(answers, () -> {
                answer(request, 504);
                interruptAndReport(request, "answered with 504");
            });
        } else if (request.cut()) {
            apart(answers, () -> {
                request.client().cutWhenClosed();
                interruptAndReport(request, "cut off in the middle of its answer");
            });
        } else if (request.isForfeited()) { // its client had gone before
            apart(answers, () -> interruptAndReport(request, "without a client to answer"));
        }
    }

    private void answer(RunningRequest request, int status) {
        Codec.Sent sent = Codec.Sent.NOTHING;
        try {
            sent = request.client().answerInstead(PlainResponse.of(status));
        } catch (Exception e) { // the handler is interrupted all the same
            LOG.debug("{}: {} could not be sent", label, status, e);
        }
        tellOfAnswer(request, sent);
    }

    /// The owner may end the connection, and the worker its log, when this is done.
    private void tellOfAnswer(RunningRequest request, Codec.Sent sent) {
        try {
            if (request.isToBeTold()) {
                consequences.answered(request, sent);
            }
        } finally {
            request.hasAnsweredInstead();
        }
    }

    private void interruptAndReport(RunningRequest request, String how) {
        StackReport first = StackReport.of(request.thread()); // where it was before the interrupt moves it
        interruptUnlessAwaitingClient(request);
        String age = seconds(request.spent());
        apart(reports, () -> LOG.warn("*** HARAKIRI ON WORKER {} (pid: {}) *** {}, {}, {}: at {}{}", label.worker(),
                label.pid(), described(request), age, how, first.place(),
                settings.verbose() ? verbose(request, first) : ""));
    }

    /// An answer that is cut is what an interrupt may close the connection under: a client that takes it slowly would
    /// be waited for nearly all the time.
    private void interruptUnlessAwaitingClient(RunningRequest request) {
        if (request.isInterrupted()) {
            return;
        }
        if (!request.isCut() && request.client().isAwaitingClient()) {
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
        tellOfAnswer(request, new Codec.Sent(499, 0, 0, 0));
        StackReport stack = StackReport.of(request.thread());
        request.interrupt();
        String age = seconds(request.age());
        apart(reports, () -> LOG.info("{}: cancelled, its client has gone: {}, {}: at {}", label, described(request),
                age, stack.place()));
    }

    private void giveUp(RunningRequest request) {
        StackReport stack = StackReport.of(request.thread());
        if (request.hasEnded()) {
            return; // while it was looked at
        }
        String what = described(request) + " at " + stack.place();
        consequences.replaceWorker(EndCause.STUCK_REQUEST, what);
        apart(reports, () -> {
            LOG.error("{}: stuck request, it goes on although it was interrupted {} ms ago ({}): {}{}", label,
                    settings.grace().toMillis(), stack.activity(), what, stack.text());
            abandon(request); // not earlier: it may be what the end of the worker waits for
        });
    }

    /// How the log names a request.
    public static String described(RunningRequest request) {
        RequestHead head = request.head();
        return "request " + request.number() + ": " + printed(head.method()) + " " + printed(head.uri()) + " from "
                + (head.remoteAddress().isEmpty() ? "a unix socket" : printed(head.remoteAddress()));
    }

    private static String printed(String text) {
        return Printable.of(text, LONGEST_PRINTED);
    }

    private static String seconds(long nanos) {
        return nanos / 1_000_000 / 1000.0 + " s";
    }
}
