package loomgate.server.worker.harakiri;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import loomgate.server.protocol.AnswerForfeited;
import loomgate.server.protocol.RequestHead;

/// A request while it runs: who has the right to answer it, until when, and on which thread.
///
/// ```
///   OPEN ───── the handler's answer begins ─────▶ ANSWERING
///    │                                               │
///    │ somebody else answers, or nobody will         │ it takes too long
///    ▼                                               ▼
///   FORFEITED                                       CUT
/// ```
public final class RunningRequest {

    private enum State {
        OPEN,
        ANSWERING,
        FORFEITED,
        CUT
    }

    private final long number;
    private final RequestHead head;
    private final ClientConnection client;
    private final long startedMillis; // since the epoch
    private final long started; // of System.nanoTime()
    private final long longest; // age in nanoseconds that no extension goes beyond
    private final long bytesInBefore;
    private final long bytesOutBefore;
    private final Thread owner = Thread.currentThread();

    // guarded by this
    private State state = State.OPEN;
    private long limit; // age in nanoseconds
    private Thread thread; // null when it has ended
    private boolean isInterrupted;

    Stage stage = Stage.RUNNING; // the watch's own, as what follows
    long lookForClientAt = TimeUnit.MILLISECONDS.toNanos(200); // age; a client that leaves sooner is found by the answer

    /// Begins on the thread that owns the connection.
    ///
    /// @param number   its number in this worker, from 1
    /// @param limit    the age in nanoseconds at which it is overdue, [TimeLimits#UNLIMITED] for none
    /// @param longest  the age in nanoseconds to which that may be extended
    RunningRequest(long number, RequestHead head, ClientConnection client, long limit, long longest) {
        this.number = number;
        this.head = head;
        this.client = client;
        this.startedMillis = System.currentTimeMillis();
        this.started = System.nanoTime();
        this.limit = limit;
        this.longest = longest;
        this.bytesInBefore = client.bytesIn();
        this.bytesOutBefore = client.bytesOut();
        this.thread = owner;
    }

    public long number() {
        return number;
    }

    public RequestHead head() {
        return head;
    }

    /// When it began, since the epoch.
    public long startedMillis() {
        return startedMillis;
    }

    /// Nanoseconds since it began.
    public long age() {
        return System.nanoTime() - started;
    }

    public ClientConnection client() {
        return client;
    }

    /// Bytes of the connection since it began; its head does not count.
    long bytesIn() {
        return client.bytesIn() - bytesInBefore;
    }

    long bytesOut() {
        return client.bytesOut() - bytesOutBefore;
    }

    /// Called by the thread that is about to run the handler and to send its answer.
    public synchronized void enterThread() {
        thread = Thread.currentThread();
    }

    /// Called by that thread when it has done so: nobody interrupts it from here on, it may be another request's next.
    public synchronized void leaveThread() {
        thread = owner;
        if (isInterrupted) {
            Thread.interrupted();
        }
    }

    /// Called by the owner before the first byte of its answer.
    public synchronized void beginAnswer() throws AnswerForfeited {
        if (state != State.OPEN) {
            throw new AnswerForfeited();
        }
        state = State.ANSWERING;
    }

    /// Takes the right to answer from the handler, unless it has begun or the request has ended.
    synchronized boolean forfeit() {
        boolean mayTake = state == State.OPEN && thread != null;
        if (mayTake) {
            state = State.FORFEITED;
        }
        return mayTake;
    }

    /// Ends an answer that has begun, unless it is complete.
    synchronized boolean cut() {
        boolean mayCut = state == State.ANSWERING && thread != null;
        if (mayCut) {
            state = State.CUT;
        }
        return mayCut;
    }

    /// Interrupts the thread that it is on, once.
    public synchronized void interrupt() {
        if (thread != null && !isInterrupted) {
            isInterrupted = true;
            thread.interrupt();
        }
    }

    synchronized boolean isInterrupted() {
        return isInterrupted;
    }

    /// The thread that it is on, null when it has ended.
    public synchronized Thread thread() {
        return thread;
    }

    /// Called by the owner of the connection when it is through with it.
    public synchronized void end() {
        thread = null;
        if (isInterrupted) {
            Thread.interrupted();
        }
    }

    synchronized boolean hasEnded() {
        return thread == null;
    }

    synchronized boolean isOpen() {
        return state == State.OPEN;
    }

    /// Whether somebody else has answered, or it was decided that nobody will.
    public synchronized boolean isForfeited() {
        return state == State.FORFEITED;
    }

    /// Whether the handler's answer does not count any more, or not to its end. The connection ends with it. From any
    /// thread.
    public synchronized boolean isCancelled() {
        return state == State.FORFEITED || state == State.CUT;
    }

    synchronized long limit() {
        return limit;
    }

    /// What is left of its time, empty without a limit. From any thread.
    public synchronized Optional<Duration> timeLeft() {
        return limit == TimeLimits.UNLIMITED ? Optional.empty()
                : Optional.of(Duration.ofNanos(isCancelled() ? 0 : Math.max(0, limit - age())));
    }

    /// Moves the limit, if there is one and it has not passed, so that at least that much time is left, but not beyond
    /// what the operator allows. From any thread.
    public synchronized void extend(Duration needed) {
        if (needed.isNegative()) {
            throw new IllegalArgumentException("needed is negative: " + needed);
        }
        if (limit != TimeLimits.UNLIMITED && !isCancelled()) {
            long asked = needed.compareTo(Duration.ofNanos(longest)) < 0 ? age() + needed.toNanos() : longest;
            limit = Math.max(limit, Math.min(longest, asked));
        }
    }
}
