package loomgate.server.master.table;

import java.util.Optional;
import loomgate.server.master.table.Action.Report.Severity;
import loomgate.server.master.table.MasterPhase.Ending;
import loomgate.server.master.table.WorkerState.Killed;

/// Sees to it that no process has more memory than it may, whatever it says itself.
final class MemoryGuard {

    private final Reload reload;
    private final MasterLife master;
    private final Decisions decisions;

    /// @param reload has the settings
    MemoryGuard(Reload reload, MasterLife master, Decisions decisions) {
        this.reload = reload;
        this.master = master;
        this.decisions = decisions;
    }

    /// Returns whether it had to be killed.
    boolean killIfEvil(WorkerLife life) {
        Optional<MemoryLimits.Reached> evil = limits(life).evilReached(life.vitals());
        if (evil.isEmpty() || master.phase() instanceof Ending || life.state() instanceof Killed) {
            return false;
        }
        decisions.report(Severity.WARNING, evil.get().asEvil(life.label()));
        life.blame(evil.get().cause(), "");
        master.kill(life);
        return true;
    }

    /// The limit that it has reached, evil or not.
    Optional<MemoryLimits.Reached> reached(WorkerLife life) {
        return limits(life).reached(life.vitals());
    }

    /// A generation on trial is held to what it brings: with limits that its workers reach at once it is not fit. All
    /// others are held to what counts now, however old they are.
    private MemoryLimits limits(WorkerLife life) {
        TableSettings settings =
                reload.isOnTrial(life.generation()) ? reload.settingsOf(life.generation()) : reload.settings();
        return MemoryLimits.of(settings.recycling());
    }
}
