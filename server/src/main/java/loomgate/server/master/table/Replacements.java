package loomgate.server.master.table;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import loomgate.server.control.EndCause;
import loomgate.server.master.table.Action.Report.Severity;
import loomgate.server.master.table.WorkerState.Draining;
import loomgate.server.master.table.WorkerState.Killed;
import loomgate.server.master.table.WorkerState.Overdue;
import loomgate.server.master.table.WorkerState.Serving;
import loomgate.server.master.table.WorkerState.Starting;
import loomgate.server.master.table.WorkerState.Stopping;
import loomgate.server.master.table.WorkerState.Unfit;

/// Why a worker that serves is to go, and how another takes its place: what becomes of a process between Serving and
/// Draining. When its successor is started is for [SpawnOrder] to say.
final class Replacements {

    /// How long a worker that got TERM is left alone, in case the master is about to get one as well: then it is to
    /// stop, and to take what waits in the listeners' queues with it.
    static final Duration LEAVING_PAUSE = Duration.ofMillis(200);

    private static final int SPREAD = 10; // workers live up to a tenth shorter, at random

    private final Slots slots;
    private final Reload reload;
    private final RandomGenerator random;
    private final Decisions decisions;

    /// @param reload has the settings
    Replacements(Slots slots, Reload reload, RandomGenerator random, Decisions decisions) {
        this.slots = slots;
        this.reload = reload;
        this.random = random;
        this.decisions = decisions;
    }

    /// From here on it serves, and whom it follows does no more. That it is ready is a sign of life as well: it may be
    /// the last.
    void takePlace(WorkerLife life, long killOldAt, long now) {
        Optional<WorkerLife> incumbent = slots.of(life).incumbent();
        life.enter(new Serving(tooOldAt(now)));
        Duration timeout = reload.settingsOf(life.generation()).workerTimeout();
        if (timeout.isPositive()) {
            life.promise(now + timeout.toNanos());
        }
        incumbent.ifPresent(old -> relieve(old, killOldAt, now));
        if (life.isBlamed()) {
            unfit(life, now); // for what it said before it was ready
        } else if (life.generation() < reload.generation()) {
            unfit(life, EndCause.RELOAD, "", now);
        }
    }

    private OptionalLong tooOldAt(long now) {
        Duration maxLifetime = reload.settings().recycling().maxLifetime();
        return maxLifetime.isZero()
                ? OptionalLong.empty()
                : OptionalLong.of(now + maxLifetime.toNanos() - random.nextLong(maxLifetime.toNanos() / SPREAD + 1));
    }

    /// Another serves in its place. One that has not been heard of cannot be asked.
    private void relieve(WorkerLife life, long killAt, long now) {
        if (life.cause() == EndCause.UNRESPONSIVE && life.hasBrokenPromise(now)) {
            decisions.report(Severity.WARNING, life.label() + " is still not heard of and is killed");
            life.enter(new Draining(now)); // its number waits for it no more, however long its end takes
            decisions.kill(life);
        } else {
            decisions.askToDrain(life, killAt);
        }
    }

    /// It says so itself. The first cause counts, but what is urgent does not wait behind what is not.
    void requested(WorkerLife life, EndCause cause, String detail, long now) {
        switch (life.state()) {
            case Starting _ when !life.isBlamed() -> life.blame(cause, detail);
            case Serving _ -> unfit(life, cause, detail, now);
            case Unfit _ when cause.isUrgent() && !life.cause().isUrgent() -> unfit(life, cause, detail, now);
            case Starting _, Unfit _, Overdue _, Draining _, Stopping _, Killed _ -> {}
        }
    }

    /// Those that serve and are not of the current generation are to be replaced; those that start, as soon as they
    /// serve.
    void replaceOutdated(long now) {
        slots.incumbents().stream()
                .filter(life -> life.state() instanceof Serving && life.generation() != reload.generation())
                .forEach(life -> unfit(life, EndCause.RELOAD, "", now));
    }

    void tooOld(WorkerLife life, long now) {
        unfit(life, EndCause.LIFETIME, "", now);
    }

    void unresponsive(WorkerLife life, long now) {
        decisions.report(Severity.ERROR,
                life.label() + " did not say within worker-timeout that it is alive: its threads are dumped");
        decisions.dump(life);
        unfit(life, EndCause.UNRESPONSIVE, "", now);
    }

    private void unfit(WorkerLife life, EndCause cause, String detail, long now) {
        life.blame(cause, detail);
        unfit(life, now);
    }

    /// It serves on until another takes its place.
    private void unfit(WorkerLife life, long now) {
        decisions.report(Severity.INFO, life.label() + " will be replaced: " + life.reason());
        if (life.state() instanceof Serving) {
            Slot slot = slots.of(life);
            decisions.reportPause(slot, slot.unfit(life, life.cause(), now));
        }
        long pause = life.cause() == EndCause.TERMINATED ? LEAVING_PAUSE.toNanos() : 0;
        life.enter(new Unfit(now, now + pause));
    }
}
