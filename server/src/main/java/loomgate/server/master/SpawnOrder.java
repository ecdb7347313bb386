package loomgate.server.master;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import loomgate.server.master.WorkerState.Unfit;

/// Who is started next. A number that nobody serves for gets a process as soon as its delay is over. Of those whose
/// process is to be replaced it is one at a time: the urgent ones first, then who has waited longest.
final class SpawnOrder {

    private final List<Slot> slots;

    SpawnOrder(List<Slot> slots) {
        this.slots = slots;
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

    /// The workers that need a process now.
    List<Integer> due(long now) {
        List<Integer> workers = new ArrayList<>();
        vacant().stream().filter(slot -> NanoTime.isDue(slot.spawnFrom(), now)).map(Slot::worker).forEach(workers::add);
        candidates().stream()
                .filter(candidate -> NanoTime.isDue(candidate.from, now))
                .filter(candidate -> candidate.isUrgent || workers.isEmpty())
                .min(Candidate.TURN)
                .map(candidate -> candidate.slot.worker())
                .ifPresent(workers::add);
        return workers;
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
        if (slots.stream().anyMatch(slot -> slot.isStarting() && slot.incumbent().isPresent())) {
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
