package loomgate.server.master;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import loomgate.server.control.ExitCode;
import loomgate.server.master.Action.AskToStop;
import loomgate.server.master.Action.CloseListeners;
import loomgate.server.master.Action.Exit;
import loomgate.server.master.Action.Kill;
import loomgate.server.master.Action.Report;
import loomgate.server.master.Action.Report.Severity;
import loomgate.server.master.Action.Spawn;
import loomgate.server.master.MasterEvent.Exited;
import loomgate.server.master.MasterEvent.Ready;
import loomgate.server.master.MasterEvent.SpawnFailed;
import loomgate.server.master.MasterEvent.Spawned;
import loomgate.server.master.MasterEvent.StopRequested;
import loomgate.server.master.WorkerState.Gone;
import loomgate.server.master.WorkerState.Killed;
import loomgate.server.master.WorkerState.Missing;
import loomgate.server.master.WorkerState.Serving;
import loomgate.server.master.WorkerState.Starting;
import loomgate.server.master.WorkerState.Stopping;
import loomgate.server.os.ExitStatus;

/// Decides what becomes of the workers: events and time in, actions out, no process, socket or clock of its own.
///
/// On the first start worker 1 comes alone; when it is ready the others follow. So a broken application fails once and is
/// told of once, and the master ends with its code. Later on a worker that ends is replaced at once, and one that keeps
/// dying with growing delay.
final class WorkerTable {

    /// What a worker is given beyond `reload-mercy`, within which it ends by itself if it can.
    static final Duration EXIT_MARGIN = Duration.ofSeconds(2);

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
            case Ready(int pid) -> ready(pid, now);
            case Exited(int pid, ExitStatus status) -> exited(pid, status, now);
            case StopRequested() -> stopRequested(now);
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
            case Missing(long spawnAt) when spawnAt <= now && maySpawn(worker) -> actions.add(new Spawn(worker));
            case Stopping(int pid, long killAt) when killAt <= now -> {
                report(Severity.WARNING, label(worker, pid) + " did not end in time and is killed");
                kill(worker, pid);
            }
            default -> {}
        }
    }

    /// When [#due] has to be asked again although nothing happened; empty if never.
    OptionalLong nextDeadline() {
        OptionalLong next = OptionalLong.empty();
        for (int worker = 1; worker <= workers.length; worker++) {
            OptionalLong own = deadlineOf(worker);
            if (own.isPresent() && (next.isEmpty() || own.getAsLong() < next.getAsLong())) {
                next = own;
            }
        }
        return next;
    }

    private OptionalLong deadlineOf(int worker) {
        return switch (state(worker)) {
            case Missing(long spawnAt) when maySpawn(worker) -> OptionalLong.of(spawnAt);
            case Stopping(_, long killAt) -> OptionalLong.of(killAt);
            default -> OptionalLong.empty();
        };
    }

    /// How the log names a worker.
    static String label(int worker, int pid) {
        return "worker " + worker + " gen 1 pid " + pid;
    }

    WorkerState state(int worker) {
        return workers[worker - 1];
    }

    private void set(int worker, WorkerState state) {
        workers[worker - 1] = state;
    }

    private boolean maySpawn(int worker) {
        return phase == Phase.RUNNING || worker == 1;
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
                boolean isShort = now - since < BackOff.SHORT_LIFE.toNanos();
                shortLives[worker - 1] = isShort ? shortLives[worker - 1] : 0;
                report(Severity.WARNING, label(worker, pid) + " " + status);
                lost(worker, now, ExitCode.WORKERS_DIE);
            }
            case Stopping _ -> {
                if (!status.equals(new ExitStatus.Exited(ExitCode.STOPPED.status()))) {
                    report(Severity.WARNING, label(worker, pid) + " " + status + " while it was stopping");
                    cutShort();
                }
                set(worker, new Gone());
            }
            case Killed _ -> set(worker, new Gone());
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
        long killAt = now + reloadMercy.plus(EXIT_MARGIN).toNanos();
        for (int worker = 1; worker <= workers.length; worker++) {
            switch (state(worker)) {
                case Missing _ -> set(worker, new Gone());
                case Starting(int pid) -> { // has taken no connection, so nothing is lost with it
                    actions.add(new Kill(pid));
                    set(worker, new Killed(pid));
                }
                case Serving(int pid, _) -> {
                    actions.add(new AskToStop(pid));
                    set(worker, new Stopping(pid, killAt));
                }
                case Stopping _, Killed _, Gone _ -> {}
            }
        }
    }

    private void kill(int worker, int pid) {
        actions.add(new Kill(pid));
        set(worker, new Killed(pid));
        cutShort();
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
