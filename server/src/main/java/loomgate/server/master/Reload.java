package loomgate.server.master;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import loomgate.server.master.Action.DropGeneration;
import loomgate.server.master.Action.ReloadCommitted;
import loomgate.server.master.Action.ReloadEnded;
import loomgate.server.master.Action.ReloadProgress;
import loomgate.server.master.ReloadState.Idle;
import loomgate.server.master.ReloadState.Rolling;
import loomgate.server.master.ReloadState.Trial;

/// The generations of the application: which one is current, and how the next becomes it.
final class Reload {

    private final Decisions decisions;
    private final Set<Integer> known; // of which there may be processes
    private int generation; // that workers are started with
    private int processes; // of the current generation, while it is rolled out
    private ReloadState state = new Idle();

    /// @param generations the one that workers are started with, and earlier ones of which there are processes
    Reload(int generation, Set<Integer> generations, Decisions decisions) {
        this.generation = generation;
        this.known = new HashSet<>(generations);
        this.decisions = decisions;
    }

    int generation() {
        return generation;
    }

    /// The generation that is to be tried.
    OptionalInt trial() {
        return state instanceof Trial(int tried, _) ? OptionalInt.of(tried) : OptionalInt.empty();
    }

    /// The settings of that generation, if it is the one on trial.
    Optional<TableSettings> triedWith(int asked) {
        return state instanceof Trial(int tried, TableSettings settings) && tried == asked
                ? Optional.of(settings) : Optional.empty();
    }

    /// One is to be tried. Whoever asks sees to it that it is one at a time.
    void begin(int tried, TableSettings settings) {
        known.add(tried);
        state = new Trial(tried, settings);
        decisions.add(new ReloadProgress("generation " + tried + " is tried with one worker"));
    }

    /// The first worker of it is ready.
    void commit(int most) {
        generation = trial().orElseThrow();
        processes = most;
        decisions.add(new ReloadCommitted(generation));
        state = new Rolling(0);
    }

    /// A worker could not be started. On trial that is the end of it, and nothing has happened; afterwards it is tried
    /// again without end, but nobody is to wait for that.
    void startFailed(int failed, String how) {
        switch (state) {
            case Trial(int tried, _) when tried == failed -> end(false, "generation " + tried
                    + " is not fit, generation " + generation + " serves on: " + how);
            case Rolling _ when failed == generation -> end(false, "generation " + generation
                    + " serves, but not with all workers yet; it is tried again: " + how);
            case Idle _, Trial _, Rolling _ -> {}
        }
    }

    /// The server stops.
    void abandon() {
        if (!(state instanceof Idle)) {
            end(false, "the server stops");
        }
    }

    /// Tells how far it has come, and which generations have been.
    void follow(List<Slot> slots) {
        if (state instanceof Rolling(int before)) {
            int serving = (int) slots.stream().flatMap(slot -> slot.incumbent().stream())
                    .filter(life -> life.generation() == generation).count();
            if (serving != before) {
                state = new Rolling(serving);
                decisions.add(new ReloadProgress(
                        "worker " + serving + " of " + processes + " serves generation " + generation));
            }
            if (serving == processes) {
                end(true, "generation " + generation + " serves with " + processes + " workers");
            }
        }
        known.removeIf(candidate -> {
            boolean isGone = candidate != generation && triedWith(candidate).isEmpty()
                    && slots.stream().flatMap(slot -> slot.lives().stream())
                            .noneMatch(life -> life.generation() == candidate);
            if (isGone) {
                decisions.add(new DropGeneration(candidate));
            }
            return isGone;
        });
    }

    private void end(boolean isGood, String text) {
        state = new Idle();
        decisions.add(new ReloadEnded(isGood, text));
    }
}
