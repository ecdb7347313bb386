package loomgate.server.worker.transport;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import loomgate.server.config.PaceSettings;

/// How long a peer may take over what it is to send. A decision about numbers: the owner of the connection says what it
/// reads and what time it is, and waits.
///
/// ```
///             first byte          head complete
///   REQUEST ─────────────▶ HEAD ─────────────────▶ BODY ──────▶ LINGER
///      ▲  idle time          one deadline for all     │             one deadline for all,
///      │                                              │             socket-timeout for each read
///      │                                              ├──────▶ REST
///      │                                              │          │
///      └──────────────── awaitRequest ────────────────┴──────────┘
///                                               socket-timeout for each read, and a pace for all
/// ```
///
/// After BODY and REST it is HEAD at once where the next request's first byte is there already.
///
/// Times are readings of [System#nanoTime()]. For the owner's thread, except [#hurried].
final class ReadTimes {

    /// A time that never comes.
    static final long NEVER = Long.MAX_VALUE;

    /// Another one, so that no body is taken for the rest of the one before.
    private static final long NEVER_FOR_THE_REST = NEVER - 1;

    /// What is being read, which decides how long it may take.
    private enum Part {
        REQUEST,
        HEAD,
        BODY,
        REST,
        LINGER;

        /// Whether the peer owes nothing to anybody, so that it can be sent away in a hurry.
        boolean canBeHurried() {
            return this == REQUEST || this == REST || this == LINGER;
        }

        boolean hasPace() {
            return this == BODY || this == REST;
        }
    }

    private final Duration timeout;
    private final Pace pace; // of a body
    private volatile Part part = Part.REQUEST;
    private final AtomicLong readUntil = new AtomicLong(NEVER); // of the part; all but BODY may have such a bound

    /// Waits for a first request as long as for anything else.
    ///
    /// @param timeout longest wait for the peer to send anything
    /// @param pace    how slow a body may be beyond that
    ReadTimes(Duration timeout, PaceSettings pace, long now) {
        this.timeout = timeout;
        this.pace = new Pace(pace);
        awaitRequest(now + timeout.toNanos());
    }

    /// A request is to come: its first byte until then, the rest of its head within `timeout` from that byte.
    void awaitRequest(long until) {
        begin(Part.REQUEST, until);
    }

    /// A request has begun: what was read ahead is its first bytes.
    void expectHead(long now) {
        begin(Part.HEAD, now + timeout.toNanos());
    }

    /// The head is complete: each read that follows has the full `timeout`, as long as all together are fast enough.
    void expectBody() {
        pace.begin();
        begin(Part.BODY, NEVER);
    }

    /// The request is answered, and what follows of its body is in the way of the next. It has the time of a body.
    void expectRest() {
        begin(Part.REST, NEVER_FOR_THE_REST);
    }

    /// Nobody wants what still comes. It has until then, with no pause longer than `timeout`.
    void linger(long until) {
        begin(Part.LINGER, until);
    }

    /// Part first: [#hurried] looks at the part between its two looks at the bound, and so cannot take one for
    /// another's, since no two parts have the same.
    private void begin(Part next, long until) {
        part = next;
        readUntil.set(until);
    }

    /// How long a read may wait that begins now.
    long deadline(long now) {
        return switch (part) {
            case REQUEST, HEAD -> readUntil.get();
            case BODY, REST -> Math.min(now + Math.min(timeout.toNanos(), pace.left()), readUntil.get());
            case LINGER -> Math.min(now + timeout.toNanos(), readUntil.get());
        };
    }

    /// A read is over.
    ///
    /// @param nanos how long it waited
    /// @param bytes what came of it
    void waited(long nanos, int bytes) {
        if (part.hasPace()) {
            pace.waited(nanos, bytes);
        }
    }

    /// The peer has sent something: if a request was awaited, it has begun.
    void cameIn(long now) {
        if (part == Part.REQUEST) {
            expectHead(now);
        }
    }

    /// Gives what nobody needs less time, if that is what is read: another request, or the rest of one that is
    /// answered. The first call counts, as often as it is repeated. From any thread.
    ///
    /// @return until when a read may wait that has begun, or [#NEVER] if there is nothing to hurry
    long hurried(long earlier) {
        long until = readUntil.get();
        if (!part.canBeHurried() || until > earlier && !readUntil.compareAndSet(until, earlier)) {
            return NEVER;
        }
        return Math.min(until, earlier);
    }

    /// Why it was too late when a read has waited for as long as it may. For the log, and for whom it concerns.
    String lateness() {
        return switch (part) {
            case HEAD -> "the request's head took more than " + timeout.toMillis() + " ms";
            case BODY -> pace.left() == 0 ? pace.shortfall()
                    : "the peer sent nothing for " + timeout.toMillis() + " ms";
            case REQUEST, REST, LINGER -> "the peer sent nothing in time";
        };
    }
}
