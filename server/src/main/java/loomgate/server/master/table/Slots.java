package loomgate.server.master.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// All worker numbers, and their processes. Numbers only become more: one that is not needed any more is retired, and
/// its processes are as long as they take to end.
final class Slots {

    private final List<Slot> slots = new ArrayList<>(); // worker 1 at index 0

    /// There are to be so many workers.
    void resize(int processes, long now) {
        addUpTo(processes, now);
        for (Slot slot : slots) {
            if (slot.worker() <= processes) {
                slot.reinstate();
            } else {
                slot.retire();
            }
        }
    }

    /// That of a worker which may be one on its way out since there were to be fewer.
    Slot inherited(int worker, long now) {
        int known = slots.size();
        addUpTo(worker, now);
        slots.subList(known, slots.size()).forEach(Slot::retire);
        return get(worker);
    }

    private void addUpTo(int worker, long now) {
        while (slots.size() < worker) {
            slots.add(new Slot(slots.size() + 1, now));
        }
    }

    Slot get(int worker) {
        return slots.get(worker - 1);
    }

    Slot of(WorkerLife life) {
        return get(life.label().worker());
    }

    /// The lowest number first.
    List<Slot> all() {
        return List.copyOf(slots);
    }

    /// Those that there is to be a process of, or still is one.
    List<Slot> inUse() {
        return slots.stream().filter(slot -> !slot.isRetired() || !slot.lives().isEmpty()).toList();
    }

    /// That process, if it has not been reaped.
    Optional<WorkerLife> life(int pid) {
        return lives().stream().filter(life -> life.pid() == pid).findFirst();
    }

    /// All processes that have not been reaped, by worker.
    List<WorkerLife> lives() {
        return slots.stream().flatMap(slot -> slot.lives().stream()).toList();
    }

    /// All processes that serve.
    List<WorkerLife> incumbents() {
        return slots.stream().flatMap(slot -> slot.incumbent().stream()).toList();
    }

    /// Those that serve although there is to be no worker of that number any more.
    List<WorkerLife> retiredIncumbents() {
        return incumbents().stream().filter(life -> of(life).isRetired()).toList();
    }
}
