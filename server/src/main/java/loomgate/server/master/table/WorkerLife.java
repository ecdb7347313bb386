package loomgate.server.master.table;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import loomgate.server.control.EndCause;
import loomgate.server.control.Vitals;
import loomgate.server.control.WorkerLabel;
import loomgate.server.master.table.WorkerState.Draining;
import loomgate.server.master.table.WorkerState.Killed;
import loomgate.server.master.table.WorkerState.Overdue;
import loomgate.server.master.table.WorkerState.Serving;
import loomgate.server.master.table.WorkerState.Starting;
import loomgate.server.master.table.WorkerState.Unfit;
import loomgate.server.os.ExitStatus;

/// The life of one process of a worker, as far as the master knows it. [WorkerTable] decides what becomes of it.
public final class WorkerLife {

    private final WorkerLabel label;
    private final long spawnedAt;
    private WorkerState state;
    private OptionalLong readyAt = OptionalLong.empty();
    private OptionalLong fineUntil = OptionalLong.empty(); // its promise; none until it serves
    private Vitals vitals = Vitals.UNKNOWN;
    private EndCause cause = EndCause.UNEXPECTED; // as long as nobody has said anything
    private String detail = "";

    WorkerLife(WorkerLabel label, long spawnedAt, WorkerState state) {
        this.label = label;
        this.spawnedAt = spawnedAt;
        this.state = state;
    }

    public WorkerLabel label() {
        return label;
    }

    public int pid() {
        return (int) label.pid();
    }

    public int generation() {
        return label.generation();
    }

    public WorkerState state() {
        return state;
    }

    void enter(WorkerState next) {
        state = next;
    }

    /// Whether it takes connections.
    boolean isServing() {
        return state instanceof Serving || state instanceof Unfit;
    }

    /// Whether it has not been ready and may still count on being waited for, or on being reaped soon.
    boolean isStarting() {
        return stateBeforeKill() instanceof Starting || stateBeforeKill() instanceof Overdue;
    }

    boolean isDraining() {
        return state instanceof Draining;
    }

    /// Whether nobody else is to be started in its place as long as it exists, unless it is to be replaced.
    boolean holdsPlace() {
        return switch (stateBeforeKill()) {
            case Starting _, Overdue _, Serving _, Unfit _ -> true;
            case WorkerState.Draining _, WorkerState.Stopping _, Killed _ -> false;
        };
    }

    WorkerState stateBeforeKill() {
        return state instanceof Killed(WorkerState before) ? before : state;
    }

    /// It said that it is ready, be that of use or not.
    void wasReady(long now) {
        if (readyAt.isEmpty()) {
            readyAt = OptionalLong.of(now);
        }
    }

    boolean hasBeenReady() {
        return readyAt.isPresent();
    }

    /// Since it was spawned.
    public Duration age(long now) {
        return Duration.ofNanos(now - spawnedAt);
    }

    /// How long it has been there for requests.
    public Duration served(long now) {
        return readyAt.isPresent() ? Duration.ofNanos(now - readyAt.getAsLong()) : Duration.ZERO;
    }

    void heard(Vitals said) {
        vitals = said;
    }

    void seen(long addressSpace, long resident) {
        vitals = new Vitals(vitals.requests(), addressSpace, resident);
    }

    public Vitals vitals() {
        return vitals;
    }

    /// One that was made before a pause of the master, and is heard of afterwards, takes nothing back.
    void promise(long until) {
        fineUntil = OptionalLong.of(fineUntil.isPresent() ? NanoTime.later(fineUntil.getAsLong(), until) : until);
    }

    boolean hasBrokenPromise(long now) {
        return NanoTime.isDue(fineUntil, now);
    }

    /// Whether it is time to call it unresponsive, which is done once.
    boolean isMissed(long now) {
        return NanoTime.isDue(missedAt(), now);
    }

    private OptionalLong missedAt() {
        return isServing() && cause != EndCause.UNRESPONSIVE ? fineUntil : OptionalLong.empty();
    }

    OptionalLong deadline() {
        return NanoTime.earlier(state.deadline(), missedAt());
    }

    EndCause cause() {
        return cause;
    }

    /// Whether there is a cause for its end.
    public boolean isBlamed() {
        return cause != EndCause.UNEXPECTED;
    }

    /// From now on this is why it ends. What a worker says may have come from a client, and is to stay on its line.
    void blame(EndCause why, String what) {
        cause = why;
        detail = what.replaceAll("\\p{Cntrl}", "?");
    }

    /// The cause, and what was said beside it.
    public String reason() {
        return WorkerEnd.reason(cause, detail);
    }

    WorkerEnd ended(ExitStatus status, Instant at, long now) {
        return new WorkerEnd(label, cause, detail, status, age(now), vitals, at);
    }
}
