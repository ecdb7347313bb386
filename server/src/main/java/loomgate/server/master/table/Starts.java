package loomgate.server.master.table;

import java.time.Duration;
import java.util.Optional;
import loomgate.server.control.EndCause;
import loomgate.server.control.ExitCode;
import loomgate.server.control.WorkerLabel;
import loomgate.server.master.table.Action.Report.Severity;
import loomgate.server.master.table.MasterPhase.Ended;
import loomgate.server.master.table.MasterPhase.Ending;
import loomgate.server.master.table.MasterPhase.FirstStart;
import loomgate.server.master.table.MasterPhase.Leaving;
import loomgate.server.master.table.MasterPhase.Running;
import loomgate.server.master.table.WorkerState.Draining;
import loomgate.server.master.table.WorkerState.Killed;
import loomgate.server.master.table.WorkerState.Overdue;
import loomgate.server.master.table.WorkerState.Serving;
import loomgate.server.master.table.WorkerState.Starting;
import loomgate.server.master.table.WorkerState.Stopping;
import loomgate.server.master.table.WorkerState.Unfit;

/// What becomes of a process until it serves, and what its start means for the server and for the generation that it
/// is of. What follows is for [Replacements] to say.
final class Starts {

    private final Slots slots;
    private final Reload reload;
    private final MasterLife master;
    private final Replacements replacements;
    private final MemoryGuard memory;
    private final Decisions decisions;

    /// @param reload has the settings
    Starts(Slots slots, Reload reload, MasterLife master, Replacements replacements, MemoryGuard memory,
            Decisions decisions) {
        this.slots = slots;
        this.reload = reload;
        this.master = master;
        this.replacements = replacements;
        this.memory = memory;
        this.decisions = decisions;
    }

    void spawned(WorkerLabel label, long now) {
        WorkerLife life = new WorkerLife(label, now, starting(label.generation(), now));
        slots.of(life).add(life);
        master.spawned(life, now);
    }

    /// What a process of that generation begins with.
    Starting starting(int generation, long now) {
        return new Starting(now + timeout(generation).toNanos());
    }

    private Duration timeout(int generation) {
        return reload.settingsOf(generation).startTimeout();
    }

    /// It has taken too long.
    void overdue(WorkerLife life, long now) {
        decisions.report(Severity.ERROR, life.label() + " is not ready after "
                + WorkerEnd.rounded(timeout(life.generation()))
                + " (start-timeout): its threads are dumped, and it is killed");
        life.blame(EndCause.START_TIMEOUT, "");
        decisions.dump(life);
        life.enter(new Overdue(now + WorkerTable.DUMP_PAUSE.toNanos()));
    }

    /// It takes connections.
    void ready(WorkerLife life, long now) {
        life.wasReady(now);
        switch (life.state()) {
            case Starting _ -> {}
            case Overdue _ -> { // it has taken connections already, which a kill would cost
                decisions.report(Severity.INFO, life.label() + " is ready after all, and serves");
                life.blame(EndCause.UNEXPECTED, "");
            }
            case Serving _, Unfit _, Draining _, Stopping _, Killed _ -> {
                return;
            }
        }
        if (!endIfTooLarge(life, now)) {
            serve(life, now);
        }
    }

    /// On the first start each limit that a fresh worker has reached is an error of the configuration; later on only an
    /// evil one keeps it from serving. Returns whether it had to end.
    private boolean endIfTooLarge(WorkerLife life, long now) {
        if (!(master.phase() instanceof FirstStart)) {
            return memory.killIfEvil(life);
        }
        Optional<MemoryLimits.Reached> tooLow = memory.reached(life);
        tooLow.ifPresent(reached -> {
            decisions.report(Severity.ERROR, reached.asTooLow());
            master.stop(ExitCode.CONFIGURATION_WRONG, now);
        });
        return tooLow.isPresent();
    }

    private void serve(WorkerLife life, long now) {
        if (master.phase() instanceof FirstStart) {
            master.started();
        }
        decisions.report(Severity.INFO, life.label() + ": ready after " + life.age(now).toMillis() + " ms");
        memory.reached(life).ifPresent(reached ->
                decisions.report(Severity.WARNING, life.label() + ": " + reached.asTooLow()));
        if (reload.isOnTrial(life.generation())) {
            commit(now);
        }
        replacements.replaceOutdated(now);
        replacements.takePlace(life, master.killTime(now), now);
        if (slots.of(life).isRetired()) { // it was starting when that was decided
            dismiss(life, now);
        }
    }

    /// The generation that was on trial is the current one from here on.
    private void commit(long now) {
        reload.commit();
        slots.resize(reload.settings().processes(), now);
        slots.retiredIncumbents().forEach(life -> dismiss(life, now));
    }

    /// There are to be fewer workers.
    private void dismiss(WorkerLife life, long now) {
        life.blame(EndCause.RELOAD, "fewer processes");
        decisions.askToDrain(life, master.killTime(now));
    }

    /// On the first start that is the end; later on it is tried again.
    void failed(Slot slot, int generation, String how, ExitCode codeOnFirstStart, long now) {
        switch (master.phase()) {
            case FirstStart _ -> master.stop(codeOnFirstStart, now);
            case Running _, Leaving _ -> {
                if (!reload.isOnTrial(generation)) {
                    decisions.reportDelay(slot, slot.startFailed(now));
                }
                reload.startFailed(generation, how);
            }
            case Ending _, Ended _ -> {}
        }
    }
}
