package loomgate.server.master;

import java.util.Optional;
import loomgate.server.master.Action.Report.Severity;
import loomgate.server.master.MasterPhase.Ending;
import loomgate.server.master.WorkerState.Killed;

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
        Optional<MemoryLimits.Reached> evil = limits().evilReached(life.vitals());
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
        return limits().reached(life.vitals());
    }

    private MemoryLimits limits() {
        return MemoryLimits.of(reload.settings().recycling());
    }
}
