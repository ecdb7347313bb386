package loomgate.server.master;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import loomgate.server.control.ExitCode;
import loomgate.server.control.WorkerLabel;
import loomgate.server.master.Action.AskToDrain;
import loomgate.server.master.Action.AskToStop;
import loomgate.server.master.Action.CloseListeners;
import loomgate.server.master.Action.Exit;
import loomgate.server.master.Action.Kill;
import loomgate.server.master.Action.Report;
import loomgate.server.master.Action.Report.Severity;
import loomgate.server.master.Action.Spawn;
import loomgate.server.master.MasterEvent.ChildEnded;
import loomgate.server.master.MasterEvent.Alive;
import loomgate.server.master.MasterEvent.Exited;
import loomgate.server.master.MasterEvent.Garbled;
import loomgate.server.master.MasterEvent.Ready;
import loomgate.server.master.MasterEvent.ReplaceRequested;
import loomgate.server.master.MasterEvent.SpawnFailed;
import loomgate.server.master.MasterEvent.Spawned;
import loomgate.server.master.MasterEvent.StopRequested;
import loomgate.server.master.WorkerState.Draining;
import loomgate.server.master.WorkerState.Gone;
import loomgate.server.master.WorkerState.Killed;
import loomgate.server.master.WorkerState.Leaving;
import loomgate.server.master.WorkerState.Missing;
import loomgate.server.master.WorkerState.Serving;
import loomgate.server.master.WorkerState.Starting;
import loomgate.server.master.WorkerState.Stopping;
import loomgate.server.os.ExitStatus;

/// Decides what becomes of the workers: events and time in, actions out, no process, socket or clock of its own.
///
/// On the first start worker 1 comes alone; when it is ready the others follow. So a broken application fails once and
/// is told of once, and the master ends with its code. Later on a worker that ends is replaced at once, and one that
/// keeps dying with growing delay.
final class WorkerTable {

    /// What a worker is given beyond `reload-mercy`, within which it ends by itself if it can.
    static final Duration EXIT_MARGIN = Duration.ofSeconds(2);

    /// How long a worker that got TERM is left alone, in case the master is about to get one as well.
    static final Duration LEAVING_PAUSE = Duration.ofMillis(200);

    private static final int GENERATION = 1;

    /// The life of the master.
    private enum Phase {
        FIRST_START,
        RUNNING,
        STOPPING
    }

    private final Duration reloadMercy;
    private final WorkerState[] workers; // worker 1 at index 0
    private final int[] shortLives; // of each worker, in a row
    private final List<Action> actions = new ArrayList<>(); // decided, not yet handed out
    private Phase phase = Phase.FIRST_START;
    private ExitCode exitCode = ExitCode.STOPPED;
    private boolean hasExited;

    WorkerTable(int processes, Duration reloadMercy, long now) {
        this.reloadMercy = reloadMercy;
        this.workers = new WorkerState[processes];
        this.shortLives = new int[processes];
        Arrays.fill(workers, new Missing(now));
    }

    /// Takes note of what happened.
    void apply(MasterEvent event, long now) {
        switch (event) {
            case Spawned(int worker, int pid) -> set(worker, new Starting(pid));
            case SpawnFailed(int worker) -> lost(worker, now, ExitCode.WORKERS_DIE);
            case Ready(int pid, _) -> ready(pid, now);
            case Alive _ -> {}
            case ReplaceRequested(int pid, _, _) -> endRequested(pid, now);
            case Garbled(int pid) -> garbled(pid);
            case Exited(int pid, ExitStatus status) -> exited(pid, status, now);
            case StopRequested() -> stopRequested(now);
            case ChildEnded _ -> {} // it counts when it is reaped
        }
    }

    /// What is to be done now, in order. Each action is handed out once.
    List<Action> due(long now) {
        for (int worker = 1; worker <= workers.length; worker++) {
            decideDue(worker, now);
        }
        if (phase == Phase.STOPPING && !hasExited && Arrays.stream(workers).allMatch(Gone.class::isInstance)) {
            hasExited = true;
            actions.add(new Exit(exitCode));
        }
        List<Action> due = List.copyOf(actions);
        actions.clear();
        return due;
    }

    private void decideDue(int worker, long now) {
        switch (state(worker)) {
            case Missing(long spawnAt) when isDue(spawnAt, now) && maySpawn(worker) -> actions.add(new Spawn(worker));
            case Leaving(int pid, long drainAt) when isDue(drainAt, now) -> {
                actions.add(new AskToDrain(pid));
                set(worker, new Draining(pid, killTime(now)));
            }
            case Draining(int pid, long killAt) when isDue(killAt, now) -> killLate(worker, pid);
            case Stopping(int pid, long killAt) when isDue(killAt, now) -> killLate(worker, pid);
            default -> {}
        }
    }

    /// When [#due] has to be asked again although nothing happened; empty if never.
    OptionalLong nextDeadline() {
        OptionalLong next = OptionalLong.empty();
        for (int worker = 1; worker <= workers.length; worker++) {
            OptionalLong own = deadlineOf(worker);
            if (own.isPresent() && (next.isEmpty() || own.getAsLong() - next.getAsLong() < 0)) {
                next = own;
            }
        }
        return next;
    }

    private OptionalLong deadlineOf(int worker) {
        return switch (state(worker)) {
            case Missing(long spawnAt) when maySpawn(worker) -> OptionalLong.of(spawnAt);
            case Leaving(_, long drainAt) -> OptionalLong.of(drainAt);
            case Draining(_, long killAt) -> OptionalLong.of(killAt);
            case Stopping(_, long killAt) -> OptionalLong.of(killAt);
            default -> OptionalLong.empty();
        };
    }

    static WorkerLabel label(int worker, int pid) {
        return new WorkerLabel(worker, GENERATION, pid);
    }

    /// Readings of a monotonic clock are compared by their difference, since they may overflow.
    private static boolean isDue(long time, long now) {
        return time - now <= 0;
    }

    private long killTime(long now) {
        return now + reloadMercy.plus(EXIT_MARGIN).toNanos();
    }

    WorkerState state(int worker) {
        return workers[worker - 1];
    }

    private void set(int worker, WorkerState state) {
        workers[worker - 1] = state;
    }

    private boolean maySpawn(int worker) {
        return phase == Phase.RUNNING || phase == Phase.FIRST_START && worker == 1;
    }

    private void ready(int pid, long now) {
        int worker = workerOf(pid);
        if (worker != 0 && state(worker) instanceof Starting) {
            set(worker, new Serving(pid, now));
            if (phase == Phase.FIRST_START) {
                phase = Phase.RUNNING;
            }
        }
    }

    private void endRequested(int pid, long now) {
        int worker = workerOf(pid);
        if (worker != 0 && state(worker) instanceof Serving) {
            report(Severity.INFO, label(worker, pid) + " was asked to end and will be replaced");
            set(worker, new Leaving(pid, now + LEAVING_PAUSE.toNanos()));
        }
    }

    private void garbled(int pid) {
        int worker = workerOf(pid);
        if (worker != 0 && !(state(worker) instanceof Killed)) {
            report(Severity.ERROR, label(worker, pid) + " cannot be understood and is killed");
            actions.add(new Kill(pid));
            set(worker, new Killed(pid));
        }
    }

    private void exited(int pid, ExitStatus status, long now) {
        int worker = workerOf(pid);
        if (worker == 0) {
            return; // a child that others left to us as PID 1
        }
        switch (state(worker)) {
            case Starting _ -> {
                report(Severity.ERROR, label(worker, pid) + " " + status + " before it was ready");
                lost(worker, now, codeOfFailedStart(status));
            }
            case Serving(_, long since) -> {
                if (now - since >= BackOff.SHORT_LIFE.toNanos()) {
                    shortLives[worker - 1] = 0;
                }
                report(Severity.WARNING, label(worker, pid) + " " + status);
                lost(worker, now, ExitCode.WORKERS_DIE);
            }
            case Leaving _, Draining _ -> {
                report(Severity.INFO, label(worker, pid) + " " + status);
                shortLives[worker - 1] = 0; // it did not die, it was asked to go
                set(worker, new Missing(now));
            }
            case Stopping _ -> {
                if (!status.equals(new ExitStatus.Exited(ExitCode.STOPPED.status()))) {
                    report(Severity.WARNING, label(worker, pid) + " " + status + " while it was stopping");
                    cutShort();
                }
                set(worker, new Gone());
            }
            case Killed _ -> lost(worker, now, ExitCode.WORKERS_DIE);
            case Missing _, Gone _ -> throw new IllegalStateException("worker " + worker + " has no process to exit");
        }
    }

    private static ExitCode codeOfFailedStart(ExitStatus status) {
        return status.equals(new ExitStatus.Exited(ExitCode.APPLICATION_CANNOT_LOAD.status()))
                ? ExitCode.APPLICATION_CANNOT_LOAD
                : ExitCode.WORKERS_DIE;
    }

    /// A worker that should be there is not.
    private void lost(int worker, long now, ExitCode codeOnFirstStart) {
        switch (phase) {
            case FIRST_START -> {
                exitCode = codeOnFirstStart;
                set(worker, new Gone());
                stop(now);
            }
            case RUNNING -> {
                Duration delay = BackOff.after(++shortLives[worker - 1]);
                if (delay.isPositive()) {
                    report(Severity.ERROR, "worker " + worker + " keeps dying: the next start is in " + delay.toMillis()
                            + " ms");
                }
                set(worker, new Missing(now + delay.toNanos()));
            }
            case STOPPING -> set(worker, new Gone());
        }
    }

    private void stopRequested(long now) {
        if (phase == Phase.STOPPING) {
            report(Severity.WARNING, "asked to stop again: requests in flight are cut off");
            for (int worker = 1; worker <= workers.length; worker++) {
                if (state(worker) instanceof Stopping(int pid, _)) {
                    kill(worker, pid);
                }
            }
        } else {
            stop(now);
        }
    }

    private void stop(long now) {
        phase = Phase.STOPPING;
        actions.add(new CloseListeners());
        for (int worker = 1; worker <= workers.length; worker++) {
            stop(worker, now);
        }
    }

    private void stop(int worker, long now) {
        switch (state(worker)) {
            case Missing _ -> set(worker, new Gone());
            case Starting(int pid) -> askToStop(worker, pid, now); // ends at once, unless it is ready by then
            case Serving(int pid, _) -> askToStop(worker, pid, now);
            case Leaving(int pid, _) -> askToStop(worker, pid, now);
            case Draining(int pid, _) -> askToStop(worker, pid, now);
            case Stopping _, Killed _, Gone _ -> {}
        }
    }

    private void askToStop(int worker, int pid, long now) {
        actions.add(new AskToStop(pid));
        set(worker, new Stopping(pid, killTime(now)));
    }

    private void killLate(int worker, int pid) {
        report(Severity.WARNING, label(worker, pid) + " did not end in time and is killed");
        kill(worker, pid);
    }

    private void kill(int worker, int pid) {
        actions.add(new Kill(pid));
        set(worker, new Killed(pid));
        if (phase == Phase.STOPPING) {
            cutShort();
        }
    }

    private void cutShort() {
        if (exitCode == ExitCode.STOPPED) {
            exitCode = ExitCode.CUT_SHORT;
        }
    }

    private void report(Severity severity, String text) {
        actions.add(new Report(severity, text));
    }

    /// The number of the worker with that process, 0 if there is none.
    private int workerOf(int pid) {
        for (int worker = 1; worker <= workers.length; worker++) {
            if (state(worker).process() == pid) {
                return worker;
            }
        }
        return 0;
    }
}
