package loomgate.server.master.table;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import loomgate.server.master.table.Action.AskToDrain;
import loomgate.server.master.table.Action.AskToStop;
import loomgate.server.master.table.Action.Dump;
import loomgate.server.master.table.Action.Kill;
import loomgate.server.master.table.Action.Report;
import loomgate.server.master.table.Action.Report.Severity;
import loomgate.server.master.table.WorkerState.Draining;
import loomgate.server.master.table.WorkerState.Killed;
import loomgate.server.master.table.WorkerState.Stopping;

/// What was decided and has not been handed out. An order to a process and the state that it brings are one step.
final class Decisions {

    private final List<Action> actions = new ArrayList<>();

    /// All of them, in order; they are not handed out again.
    List<Action> handOut() {
        List<Action> all = List.copyOf(actions);
        actions.clear();
        return all;
    }

    void add(Action action) {
        actions.add(action);
    }

    void report(Severity severity, String text) {
        actions.add(new Report(severity, text));
    }

    /// A worker whose next start has to wait is one that keeps dying.
    void reportDelay(Slot slot, Duration delay) {
        if (delay.isPositive()) {
            report(Severity.ERROR, "worker " + slot.worker() + " keeps dying: the next start is in " + delay.toMillis()
                    + " ms" + slot.incumbent().map(life -> "; pid " + life.pid() + " serves on").orElse(""));
        }
    }

    /// A worker that is used up as soon as it serves is not replaced all the time.
    void reportPause(Slot slot, Duration delay) {
        if (delay.isPositive()) {
            report(Severity.WARNING, "worker " + slot.worker() + " has to be replaced again, less than "
                    + BackOff.SHORT_LIFE.toMillis() + " ms after it was ready: it serves on, the next start is in "
                    + delay.toMillis() + " ms");
        }
    }

    void askToDrain(WorkerLife life, long killAt) {
        actions.add(new AskToDrain(life.pid()));
        life.enter(new Draining(killAt));
    }

    void askToStop(WorkerLife life, long killAt) {
        actions.add(new AskToStop(life.pid()));
        life.enter(new Stopping(killAt));
    }

    void kill(WorkerLife life) {
        actions.add(new Kill(life.pid()));
        life.enter(new Killed(life.state()));
    }

    void dump(WorkerLife life) {
        actions.add(new Dump(life.pid()));
    }
}
