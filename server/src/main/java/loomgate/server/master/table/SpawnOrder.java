package loomgate.server.master.table;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import loomgate.server.master.table.Action.Spawn;
import loomgate.server.master.table.WorkerState.Unfit;

/// Who is started next. A number that nobody serves for gets a process as soon as its delay is over. Of those whose
/// process is to be replaced it is one at a time: the first worker of a generation that is tried, then the urgent ones,
/// then who has waited longest.
final class SpawnOrder {

    private static final int ON_TRIAL = 1; // the number of the worker with which a generation is tried

    private final List<Slot> slots;
    private final int generation;
    private final OptionalInt trial;

    /// @param slots      of the workers that may be started
    /// @param generation what they are started with
    /// @param trial      the generation that is to be tried with one of them
    SpawnOrder(List<Slot> slots, int generation, OptionalInt trial) {
        this.slots = slots;
        this.generation = generation;
        this.trial = trial;
    }

    /// A process that is to be replaced.
    private record Candidate(Slot slot, boolean isUrgent, long since, long from) {

        private static final Comparator<Candidate> TURN = Comparator
                .comparing((Candidate candidate) -> !candidate.isUrgent)
                .thenComparing(Candidate::since, (one, other) -> Long.signum(one - other));

        static Optional<Candidate> of(Slot slot) {
            return slot.incumbent().flatMap(life ->
                    life.state() instanceof Unfit(long since, long replaceFrom)
                            ? Optional.of(new Candidate(slot, life.cause().isUrgent(), since,
                                    NanoTime.later(replaceFrom, slot.spawnFrom())))
                            : Optional.empty());
        }
    }

    /// The processes that are needed now.
    List<Spawn> due(long now) {
        if (isTrialDue()) {
            return List.of(new Spawn(ON_TRIAL, trial.getAsInt())); // what else is due waits for what comes of it
        }
        List<Integer> workers = new ArrayList<>();
        vacant().stream().filter(slot -> NanoTime.isDue(slot.spawnFrom(), now)).map(Slot::worker).forEach(workers::add);
        candidates().stream()
                .filter(candidate -> NanoTime.isDue(candidate.from, now))
                .filter(candidate -> candidate.isUrgent || workers.isEmpty())
                .min(Candidate.TURN)
                .map(candidate -> candidate.slot.worker())
                .ifPresent(workers::add);
        return workers.stream().map(worker -> new Spawn(worker, generation)).toList();
    }

    /// A worker that nobody serves for may be the first of a new generation, too: the old one may be what it dies of.
    /// As with all that is planned, there is one process more than usual at a time.
    private boolean isTrialDue() {
        return trial.isPresent() && !slots.isEmpty() && !isTried() && !slots.getFirst().isStarting()
                && !isSuccessorStarting() && slots.stream().noneMatch(Slot::isDraining);
    }

    private boolean isTried() {
        return slots.stream().flatMap(slot -> slot.lives().stream())
                .anyMatch(life -> life.generation() == trial.getAsInt());
    }

    private boolean isSuccessorStarting() {
        return slots.stream().anyMatch(slot -> slot.isStarting() && slot.incumbent().isPresent());
    }

    /// When one will, if nothing happens meanwhile.
    OptionalLong next() {
        OptionalLong next = OptionalLong.empty();
        for (Slot slot : vacant()) {
            next = NanoTime.earlier(next, OptionalLong.of(slot.spawnFrom()));
        }
        for (Candidate candidate : candidates()) {
            next = NanoTime.earlier(next, OptionalLong.of(candidate.from));
        }
        return next;
    }

    private List<Slot> vacant() {
        return slots.stream().filter(Slot::isVacant).toList();
    }

    /// Those whose turn it may be: nobody's while a successor starts. Who is not urgent waits until nobody starts at
    /// all, and whoever was replaced before has ended.
    private List<Candidate> candidates() {
        if (isSuccessorStarting()) {
            return List.of();
        }
        boolean isQuiet = slots.stream().noneMatch(slot -> slot.isStarting() || slot.isDraining());
        return slots.stream()
                .map(Candidate::of)
                .flatMap(Optional::stream)
                .filter(candidate -> candidate.isUrgent || isQuiet)
                .toList();
    }
}
