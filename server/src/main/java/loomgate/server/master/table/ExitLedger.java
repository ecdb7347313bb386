package loomgate.server.master.table;

import java.util.ArrayDeque;
import java.util.List;

/// The last ends of workers.
final class ExitLedger {

    static final int MOST = 100;

    private final ArrayDeque<WorkerEnd> ends = new ArrayDeque<>();

    void enter(WorkerEnd end) {
        if (ends.size() == MOST) {
            ends.removeFirst();
        }
        ends.addLast(end);
    }

    /// The oldest first.
    List<WorkerEnd> ends() {
        return List.copyOf(ends);
    }
}
