package loomgate.server.master.table;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import loomgate.server.control.EndCause;
import loomgate.server.control.ExitCode;
import loomgate.server.control.Vitals;
import loomgate.server.control.WorkerLabel;
import loomgate.server.master.table.Action.Report.Severity;
import loomgate.server.master.table.MasterPhase.Ended;
import loomgate.server.master.table.MasterPhase.Ending;
import loomgate.server.master.table.MasterPhase.FirstStart;
import loomgate.server.master.table.MasterPhase.Leaving;
import loomgate.server.master.table.MasterPhase.Running;
import loomgate.server.master.table.TableEvent.Alive;
import loomgate.server.master.table.TableEvent.Exited;
import loomgate.server.master.table.TableEvent.Garbled;
import loomgate.server.master.table.TableEvent.MemorySeen;
import loomgate.server.master.table.TableEvent.Ready;
import loomgate.server.master.table.TableEvent.ReloadPrepared;
import loomgate.server.master.table.TableEvent.ReplaceRequested;
import loomgate.server.master.table.TableEvent.SpawnFailed;
import loomgate.server.master.table.TableEvent.Spawned;
import loomgate.server.master.table.TableEvent.StopRequested;
import loomgate.server.master.table.WorkerState.Draining;
import loomgate.server.master.table.WorkerState.Killed;
import loomgate.server.master.table.WorkerState.Overdue;
import loomgate.server.master.table.WorkerState.Serving;
import loomgate.server.master.table.WorkerState.Starting;
import loomgate.server.master.table.WorkerState.Stopping;
import loomgate.server.master.table.WorkerState.Unfit;
import loomgate.server.os.ExitStatus;
import loomgate.server.status.Readiness;

/// Decides what becomes of the workers: events and time in, actions out, no process, socket or clock of its own.
///
/// On the first start worker 1 comes alone; when it is ready the others follow. So a broken application fails once and
/// is told of once, and the master ends with its code. Later on a worker that ends is started again at once, and one
/// that keeps dying with growing delay. One that is to end is replaced first: its successor is started, and only when
/// that is ready the old process drains and exits. [SpawnOrder] says whose turn it is.
public final class WorkerTable {

    /// What a worker is given beyond `reload-mercy`, within which it ends by itself if it can.
    static final Duration EXIT_MARGIN = Duration.ofSeconds(2);

    /// What a JVM is given to print its threads before it is killed.
    static final Duration DUMP_PAUSE = Duration.ofMillis(500);

    private final Slots slots = new Slots();
    private final ExitLedger ledger = new ExitLedger();
    private final Decisions decisions = new Decisions();
    private final Reload reload;
    private final MasterLife master;
    private final MemoryGuard memory;
    private final Starts starts;
    private final Replacements replacements;

    /// Of a first start.
    public WorkerTable(TableSettings settings, RandomGenerator random, long now) {
        this(1, Map.of(1, settings), random, now);
    }

    private WorkerTable(int generation, Map<Integer, TableSettings> settings, RandomGenerator random, long now) {
        this.reload = new Reload(generation, settings, decisions);
        this.master = new MasterLife(slots, reload, decisions);
        this.replacements = new Replacements(slots, reload, random, decisions);
        this.memory = new MemoryGuard(reload, master, decisions);
        this.starts = new Starts(slots, reload, master, replacements, memory, decisions);
        slots.resize(reload.settings().processes(), now);
    }

    /// Of a master that goes on where another program left off.
    ///
    /// @param generation that workers are started with
    /// @param settings   of that one, and of earlier ones of which there are processes
    /// @param workers    the processes that have not been reaped
    /// @param ends       of processes that have
    public static WorkerTable of(int generation, Map<Integer, TableSettings> settings, List<Inherited> workers,
            List<WorkerEnd> ends, RandomGenerator random, long now) {
        WorkerTable table = new WorkerTable(generation, settings, random, now);
        table.master.started();
        ends.forEach(table.ledger::enter);
        workers.forEach(worker -> table.inherit(worker, now));
        return table;
    }

    private void inherit(Inherited worker, long now) {
        WorkerLabel label = worker.label();
        WorkerLife life = new WorkerLife(
                label, now - worker.age().toNanos(), starts.starting(label.generation(), now));
        life.heard(worker.vitals());
        slots.inherited(label.worker(), now).add(life);
        switch (worker.stage()) {
            case STARTING -> {}
            case SERVING -> {
                life.wasReady(now - worker.served().toNanos());
                replacements.takePlace(life, master.killTime(now), now);
            }
            case LEAVING -> {
                life.blame(EndCause.RELOAD, "");
                decisions.askToDrain(life, master.killTime(now));
            }
        }
    }

    public MasterPhase phase() {
        return master.phase();
    }

    /// Whether the first worker was ready and the server has not been told to stop.
    public boolean hasStarted() {
        return phase() instanceof Running;
    }

    /// What those are to be told who send requests here.
    public Readiness readiness(long now) {
        return master.readiness(now);
    }

    /// The last ends of workers, the oldest first.
    public List<WorkerEnd> ends() {
        return ledger.ends();
    }

    /// What is known of a process that has not been reaped.
    Optional<WorkerLife> life(int pid) {
        return slots.life(pid);
    }

    /// All processes that have not been reaped, by worker.
    public List<WorkerLife> lives() {
        return slots.lives();
    }

    /// The workers that there are to be, and those of which there still are processes.
    public List<Slot> slotsInUse() {
        return slots.inUse();
    }

    /// How many workers there are that serve.
    public int serving() {
        return slots.incumbents().size();
    }

    /// The current generation.
    public int generation() {
        return reload.generation();
    }

    /// How long workers serve on once the server is told to stop; if it is, what is left of that.
    public Duration shutdownDelay(long now) {
        return master.shutdownDelay(now);
    }

    /// What a stop may take, from when workers are asked to end.
    public Duration longestStop() {
        return reload.settings().longestStop();
    }

    /// What may lie between two signs of progress, of a first start or of the reload that is under way.
    public Duration longestStep() {
        return reload.longestStep();
    }

    /// Takes note of what happened. What concerns processes that are not ours, or no more, is left aside.
    public void apply(TableEvent event, long now) {
        switch (event) {
            case Spawned(int worker, int generation, int pid) ->
                starts.spawned(new WorkerLabel(worker, generation, pid), now);
            case SpawnFailed(int worker, int generation) -> starts.failed(slots.get(worker), generation,
                    "a process for worker " + worker + " cannot be started", ExitCode.WORKERS_DIE, now);
            case Ready(int pid, Vitals vitals) -> with(pid, life -> {
                life.heard(vitals);
                starts.ready(life, now);
            });
            case Alive(int pid, long fineUntil, Vitals vitals) -> with(pid, life -> alive(life, fineUntil, vitals));
            case ReplaceRequested(int pid, EndCause cause, String detail) ->
                with(pid, life -> replacements.requested(life, cause, detail, now));
            case MemorySeen(int pid, long addressSpace, long resident) -> with(pid, life -> {
                life.seen(addressSpace, resident);
                memory.killIfEvil(life);
            });
            case Garbled(int pid) -> with(pid, this::garbled);
            case Exited(int pid, ExitStatus status, Instant at) -> with(pid, life -> exited(life, status, at, now));
            case ReloadPrepared(int generation, TableSettings changed) -> reloadPrepared(generation, changed);
            case StopRequested() -> master.stopRequested(now);
        }
        reload.follow(slots);
    }

    private void with(int pid, Consumer<WorkerLife> step) {
        life(pid).ifPresent(step);
    }

    /// What is to be done now, in order. Each action is handed out once, but [Action.Spawn] until it is said what came
    /// of it.
    public List<Action> due(long now) {
        master.decideDue(now);
        lives().forEach(life -> decideDue(life, now));
        spawnOrder().due(now).forEach(decisions::add);
        master.decideEnd();
        return decisions.handOut();
    }

    /// When [#due] has to be asked again although nothing happened; empty if never.
    public OptionalLong nextDeadline() {
        OptionalLong next = NanoTime.earlier(phase().deadline(), spawnOrder().next());
        for (WorkerLife life : lives()) {
            next = NanoTime.earlier(next, life.deadline());
        }
        return next;
    }

    /// Among those that may be started in this phase.
    private SpawnOrder spawnOrder() {
        return new SpawnOrder(switch (phase()) {
            case FirstStart _ -> List.of(slots.get(1));
            case Running _, Leaving _ -> slots.all();
            case Ending _, Ended _ -> List.of();
        }, reload.generation(), reload.trial());
    }

    private void decideDue(WorkerLife life, long now) {
        if (life.isMissed(now)) {
            replacements.unresponsive(life, now);
        }
        if (NanoTime.isDue(life.state().deadline(), now)) {
            switch (life.state()) {
                case Starting _ -> starts.overdue(life, now);
                case Overdue _ -> master.kill(life);
                case Serving _ -> replacements.tooOld(life, now);
                case Draining _, Stopping _ -> {
                    decisions.report(Severity.WARNING, life.label() + " did not end within reload-mercy ("
                            + WorkerEnd.rounded(reload.settings().reloadMercy()) + ") and is killed");
                    master.kill(life);
                }
                case Unfit _, Killed _ -> throw new IllegalStateException(life.label() + " waits for no time");
            }
        }
    }

    private void alive(WorkerLife life, long fineUntil, Vitals vitals) {
        life.heard(vitals);
        if (!life.isStarting()) {
            life.promise(fineUntil);
        }
        memory.killIfEvil(life);
    }

    private void reloadPrepared(int generation, TableSettings changed) {
        reload.begin(generation, changed);
        if (phase().isToldToStop()) {
            reload.abandon();
        }
    }

    private void garbled(WorkerLife life) {
        if (!(life.state() instanceof Killed)) {
            decisions.report(Severity.ERROR, life.label() + " cannot be understood and is killed");
            life.blame(EndCause.GARBLED, "");
            master.kill(life);
        }
    }

    private void exited(WorkerLife life, ExitStatus status, Instant at, long now) {
        Slot slot = slots.of(life);
        slot.remove(life);
        if (life.isStarting() && !life.isBlamed()) {
            life.blame(EndCause.START_FAILED, "");
        }
        WorkerEnd end = life.ended(status, at, now);
        ledger.enter(end);
        decisions.report(severity(life, end), end.toString());
        switch (life.stateBeforeKill()) {
            case Starting _, Overdue _ ->
                starts.failed(slot, life.generation(), end.toString(), end.codeOfFirstStart(), now);
            case Serving _ when phase().replacesWorkers() -> decisions.reportDelay(slot, slot.lost(life, now));
            case Stopping _ when !status.equals(new ExitStatus.Exited(ExitCode.STOPPED.status())) ->
                master.cutShort(life);
            case Serving _, Unfit _, Draining _, Stopping _, Killed _ -> {}
        }
    }

    private static Severity severity(WorkerLife life, WorkerEnd end) {
        if (end.isOrderly()) {
            return Severity.INFO;
        }
        return life.isStarting() ? Severity.ERROR : Severity.WARNING;
    }
}
