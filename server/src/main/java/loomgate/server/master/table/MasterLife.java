package loomgate.server.master.table;

import java.time.Duration;
import loomgate.server.control.EndCause;
import loomgate.server.control.ExitCode;
import loomgate.server.master.table.Action.CloseListeners;
import loomgate.server.master.table.Action.Exit;
import loomgate.server.master.table.Action.Leave;
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
import loomgate.server.status.Readiness;

/// The life of the master, from the first start to the end of the last worker, and what it means for the workers that
/// it comes to an end.
final class MasterLife {

    private final Slots slots;
    private final Reload reload;
    private final Decisions decisions;
    private MasterPhase phase = new FirstStart();

    /// @param reload has the settings; is abandoned when the server stops
    MasterLife(Slots slots, Reload reload, Decisions decisions) {
        this.slots = slots;
        this.reload = reload;
        this.decisions = decisions;
    }

    MasterPhase phase() {
        return phase;
    }

    /// The first worker is ready.
    void started() {
        phase = new Running();
    }

    /// What those are to be told who send requests here.
    Readiness readiness(long now) {
        return switch (phase) {
            case FirstStart _ -> Readiness.STARTING;
            case Running _ -> slots.incumbents().stream().anyMatch(life -> !life.hasBrokenPromise(now))
                    ? Readiness.READY : Readiness.NOBODY_SERVES;
            case Leaving _, Ending _, Ended _ -> Readiness.STOPPING;
        };
    }

    /// How long workers serve on once the server is told to stop; if it is, what is left of that.
    Duration shutdownDelay(long now) {
        return switch (phase) {
            case Running _ -> reload.settings().shutdownDelay();
            case Leaving(long stopAt) -> Duration.ofNanos(stopAt - now);
            case FirstStart _, Ending _, Ended _ -> Duration.ZERO;
        };
    }

    /// When a worker that is asked to end now has had its time.
    long killTime(long now) {
        return now + reload.settings().longestStop().toNanos();
    }

    /// Before the first worker is ready nobody has to be given time; whoever asks twice gives none.
    void stopRequested(long now) {
        switch (phase) {
            case FirstStart _ -> stop(ExitCode.STOPPED, now);
            case Running _ when reload.settings().shutdownDelay().isZero() -> stop(ExitCode.STOPPED, now);
            case Running _ -> leave(now);
            case Leaving _ -> {
                stop(ExitCode.STOPPED, now);
                cutOff();
            }
            case Ending _, Ended _ -> cutOff();
        }
    }

    private void leave(long now) {
        Duration delay = reload.settings().shutdownDelay();
        phase = new Leaving(now + delay.toNanos());
        decisions.add(new Leave(delay));
    }

    private void cutOff() {
        decisions.report(Severity.WARNING, "asked to stop again: requests in flight are cut off");
        slots.lives().stream().filter(life -> life.state() instanceof Stopping).forEach(this::kill);
    }

    /// @param code with which the master ends, if no request is cut short
    void stop(ExitCode code, long now) {
        phase = new Ending(code);
        reload.abandon();
        decisions.add(new CloseListeners());
        slots.lives().forEach(life -> stop(life, now));
    }

    private void stop(WorkerLife life, long now) {
        switch (life.state()) {
            // one that is starting ends at once, unless it is ready by then
            case Starting _, Overdue _, Serving _, Unfit _ -> {
                life.blame(EndCause.STOP, "");
                decisions.askToStop(life, killTime(now));
            }
            case Draining _ -> decisions.askToStop(life, killTime(now));
            case Stopping _, Killed _ -> {}
        }
    }

    /// There is another process, whose start may have been decided before the stop was.
    void spawned(WorkerLife life, long now) {
        if (phase instanceof Ending) {
            stop(life, now);
        }
    }

    void kill(WorkerLife life) {
        decisions.kill(life);
        cutShort(life);
    }

    /// Requests may be lost with it: if that is since the server stops, its exit status says so. A worker that has
    /// never been ready had none.
    void cutShort(WorkerLife life) {
        if (phase.equals(new Ending(ExitCode.STOPPED)) && life.hasBeenReady()) {
            phase = new Ending(ExitCode.CUT_SHORT);
        }
    }

    /// Stops if it is time to.
    void decideDue(long now) {
        if (NanoTime.isDue(phase.deadline(), now)) {
            stop(ExitCode.STOPPED, now);
        }
    }

    /// Ends if nobody is left.
    void decideEnd() {
        if (phase instanceof Ending(ExitCode code) && slots.lives().isEmpty()) {
            phase = new Ended();
            decisions.add(new Exit(code));
        }
    }
}
