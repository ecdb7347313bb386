package loomgate.server.worker.harakiri;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import loomgate.server.protocol.AnswerForfeited;
import loomgate.server.protocol.RequestHead;

/// A request while it runs: who has the right to answer it, until when, and on which thread.
///
/// ```
///   OPEN ───── the handler's answer begins ─────▶ ANSWERING ─── all of it has left ───▶ ANSWERED
///    │                                               │
///    │ somebody else answers, or nobody will         │ it takes too long
///    ▼                                               ▼
///   FORFEITED                                       CUT
/// ```
public final class RunningRequest {

    private enum State {
        OPEN,
        ANSWERING,
        ANSWERED,
        FORFEITED,
        CUT
    }

    /// How long the owner lets somebody else answer before it ends the connection.
    private static final long LONGEST_ANSWER = TimeUnit.SECONDS.toNanos(2);

    /// What an answer has to be sent in, however late it began.
    static final long LEAST_ANSWER = TimeUnit.SECONDS.toNanos(1);

    private final long number;
    private final RequestHead head;
    private final ClientConnection client;
    private final long startedMillis; // since the epoch
    private final RequestClock clock = new RequestClock(System.nanoTime());
    private final long longest; // nanoseconds that no extension goes beyond
    private final long bytesInBefore;
    private final long bytesOutBefore;
    private final Thread owner = Thread.currentThread();

    // written by who holds the lock of this; the watch reads without it, since an interrupt may take its time
    private volatile State state = State.OPEN;
    private volatile long limit; // nanoseconds that count
    private volatile Thread thread; // null when it has ended
    private volatile boolean isInterrupted;

    private boolean isAnswerDue; // from somebody else; guarded by this, as what follows
    private boolean isTold;

    Stage stage = Stage.RUNNING; // the watch's own, as what follows
    long lookForClientAt = TimeUnit.MILLISECONDS.toNanos(200); // age; one that leaves sooner is found by the answer

    /// Begins on the thread that owns the connection.
    ///
    /// @param number   its number in this worker, from 1
    /// @param limit    the nanoseconds after which it is overdue, [TimeLimits#UNLIMITED] for none
    /// @param longest  the nanoseconds to which that may be extended
    RunningRequest(long number, RequestHead head, ClientConnection client, long limit, long longest) {
        this.number = number;
        this.head = head;
        this.client = client;
        this.startedMillis = System.currentTimeMillis();
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
        return clock.age(System.nanoTime());
    }

    /// Nanoseconds of its age that count against its limits.
    long spent() {
        return clock.counted(System.nanoTime());
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
        if (isInterrupted) { // while it was the owner's, which only waits for this one
            thread.interrupt();
        }
    }

    /// Called by that thread when it has done so: nobody interrupts it from here on, it may be another request's next.
    public synchronized void leaveThread() {
        thread = owner;
        if (isInterrupted) {
            Thread.interrupted();
        }
    }

    /// Called by the owner before the first byte of its answer. What began in time is not cut off at once: its thread
    /// may have lost the processor between two bytes.
    public synchronized void beginAnswer() throws AnswerForfeited {
        if (state != State.OPEN) {
            throw new AnswerForfeited();
        }
        state = State.ANSWERING;
        if (limit != TimeLimits.UNLIMITED) {
            limit = Math.max(limit, spent() + LEAST_ANSWER);
        }
    }

    /// Called by the owner after the last byte of its answer.
    public synchronized void endAnswer() {
        if (state == State.ANSWERING) {
            state = State.ANSWERED;
        }
    }

    /// Called by the thread that runs it: an interrupt from who knows whom must not close the channel under an answer.
    /// One that came with the loss of the right to answer stays.
    public synchronized void forgetInterrupt() {
        if (!isCancelled()) {
            Thread.interrupted();
        }
    }

    /// Takes the right to answer from the handler, unless it has begun or the request has ended. The owner leaves the
    /// connection open until [#hasAnsweredInstead()].
    synchronized boolean forfeit() {
        boolean mayTake = state == State.OPEN && thread != null;
        if (mayTake) {
            state = State.FORFEITED;
            isAnswerDue = true;
        }
        return mayTake;
    }

    /// Called by who took the right to answer, when all is done with it.
    synchronized void hasAnsweredInstead() {
        isAnswerDue = false;
        notifyAll();
    }

    /// Whether the caller is the one to tell of its end: the first who asks.
    public synchronized boolean isToBeTold() {
        boolean isFirst = !isTold;
        isTold = true;
        return isFirst;
    }

    /// Ends an answer that has begun, unless it is complete. Returns whether it was to be ended, the first time.
    public synchronized boolean cut() {
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

    boolean isInterrupted() {
        return isInterrupted;
    }

    /// The thread that it is on, null when it has ended.
    public Thread thread() {
        return thread;
    }

    /// Called by the owner of the connection when it is through with it. Waits for an answer that somebody else has
    /// begun, which would be lost with the connection.
    public synchronized void end() {
        long until = System.nanoTime() + LONGEST_ANSWER;
        for (long left = LONGEST_ANSWER; isAnswerDue && left > 0; left = until - System.nanoTime()) {
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException _) {
                // meant for what the handler was doing
            }
        }
        thread = null;
        if (isInterrupted) {
            Thread.interrupted();
        }
    }

    boolean hasEnded() {
        return thread == null;
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    /// Whether somebody else has answered, or it was decided that nobody will.
    public boolean isForfeited() {
        return state == State.FORFEITED;
    }

    /// Whether the handler's answer does not count any more, or not to its end. The connection ends with it. From any
    /// thread.
    public boolean isCancelled() {
        State current = state;
        return current == State.FORFEITED || current == State.CUT;
    }

    /// Whether an answer that had begun is to end where it is.
    boolean isCut() {
        return state == State.CUT;
    }

    long limit() {
        return limit;
    }

    /// Its time stands still: it waits for its client's body before anybody else has to do with it.
    public void stopClock() {
        clock.stop(System.nanoTime());
    }

    /// Its time goes on.
    public void startClock() {
        clock.start(System.nanoTime());
    }

    /// What is left of its time, empty without a limit. From any thread.
    public synchronized Optional<Duration> timeLeft() {
        return limit == TimeLimits.UNLIMITED ? Optional.empty()
                : Optional.of(Duration.ofNanos(isCancelled() ? 0 : Math.max(0, limit - spent())));
    }

    /// Moves the limit, if there is one and it has not passed, so that at least that much time is left, but not beyond
    /// what the operator allows. From any thread.
    public synchronized void extend(Duration needed) {
        if (needed.isNegative()) {
            throw new IllegalArgumentException("needed is negative: " + needed);
        }
        if (limit != TimeLimits.UNLIMITED && !isCancelled()) {
            long asked = needed.compareTo(Duration.ofNanos(longest)) < 0 ? spent() + needed.toNanos() : longest;
            limit = Math.max(limit, Math.min(longest, asked));
        }
    }
}
