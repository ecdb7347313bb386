package loomgate.server.master.table;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import loomgate.server.master.table.Action.DropGeneration;
import loomgate.server.master.table.Action.ReloadCommitted;
import loomgate.server.master.table.Action.ReloadEnded;
import loomgate.server.master.table.Action.ReloadProgress;
import loomgate.server.master.table.ReloadState.Idle;
import loomgate.server.master.table.ReloadState.Rolling;
import loomgate.server.master.table.ReloadState.Trial;

/// The generations of the application: which one is current, what each goes by, and how the next becomes the current
/// one.
final class Reload {

    private final Decisions decisions;
    private final Map<Integer, TableSettings> known; // generations of which there may be processes
    private int generation; // that workers are started with
    private ReloadState state = new Idle();

    /// @param generation that workers are started with
    /// @param settings   of that one, and of earlier ones of which there are processes
    Reload(int generation, Map<Integer, TableSettings> settings, Decisions decisions) {
        this.generation = generation;
        this.known = new TreeMap<>(settings);
        this.decisions = decisions;
    }

    int generation() {
        return generation;
    }

    /// What the current generation goes by, and with it the server as a whole.
    TableSettings settings() {
        return known.get(generation);
    }

    /// What the processes of a generation were started with; of one that is not known, what the current one has.
    TableSettings settingsOf(int asked) {
        return known.getOrDefault(asked, settings());
    }

    /// What may lie between two signs of progress, of a first start or of a reload.
    Duration longestStep() {
        return longest(TableSettings::startTimeout).plus(longest(TableSettings::longestStop));
    }

    /// By the settings that count, or will if the trial ends well.
    private Duration longest(Function<TableSettings, Duration> time) {
        return Stream.of(settings(), settingsOf(trial().orElse(generation))).map(time)
                .max(Duration::compareTo).orElseThrow();
    }

    /// The generation that is to be tried.
    OptionalInt trial() {
        return state instanceof Trial(int tried) ? OptionalInt.of(tried) : OptionalInt.empty();
    }

    boolean isOnTrial(int asked) {
        return state.equals(new Trial(asked));
    }

    /// One is to be tried. Whoever asks sees to it that it is one at a time.
    void begin(int tried, TableSettings settings) {
        known.put(tried, settings);
        state = new Trial(tried);
        decisions.add(new ReloadProgress("generation " + tried + " is tried with one worker"));
    }

    /// The first worker of it is ready.
    void commit() {
        generation = trial().orElseThrow();
        decisions.add(new ReloadCommitted(generation));
        state = new Rolling(0);
    }

    /// A worker could not be started. On trial that is the end of it, and nothing has happened; afterwards it is tried
    /// again without end, but nobody is to wait for that.
    void startFailed(int failed, String how) {
        switch (state) {
            case Trial(int tried) when tried == failed -> end(false, "generation " + tried
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
    void follow(Slots slots) {
        if (state instanceof Rolling(int before)) {
            int serving = (int) slots.incumbents().stream()
                    .filter(life -> life.generation() == generation).count();
            int processes = settings().processes();
            if (serving != before) {
                state = new Rolling(serving);
                decisions.add(new ReloadProgress(
                        "worker " + serving + " of " + processes + " serves generation " + generation));
            }
            if (serving == processes) {
                end(true, "generation " + generation + " serves with " + processes + " workers");
            }
        }
        known.keySet().removeIf(candidate -> {
            boolean isGone = candidate != generation && !isOnTrial(candidate)
                    && slots.lives().stream().noneMatch(life -> life.generation() == candidate);
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
