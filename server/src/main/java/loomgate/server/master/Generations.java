package loomgate.server.master;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import loomgate.server.config.Configuration;

/// The generations of the application that have, or may have, processes; and what they hold: listeners, which several
/// may share, and copies of class paths.
final class Generations {

    private final Listeners listeners;
    private final Map<Integer, Generation> all = new ConcurrentHashMap<>();
    private int last;

    /// @param vacuum whether the files of listeners that go are to go as well
    Generations(boolean vacuum) {
        listeners = new Listeners(vacuum);
    }

    /// The generation of the first start.
    ///
    /// @param opened its listeners
    void begin(Configuration configuration, WorkerProgram program, List<OpenListener> opened)
            throws IOException, StartException {
        add(configuration, program, () -> {
            listeners.hold(opened);
            return opened;
        });
    }

    /// Goes on with generations that there are.
    ///
    /// @param highest number that one had
    void resume(List<Generation> list, int highest) {
        for (Generation generation : list) {
            listeners.hold(generation.listeners());
            all.put(generation.number(), generation);
        }
        last = highest;
    }

    /// The highest number that one had, fit or not.
    int last() {
        return last;
    }

    /// All that there are, the oldest first.
    List<Generation> all() {
        return all.values().stream().sorted(Comparator.comparingInt(Generation::number)).toList();
    }

    /// Prepares another generation, so that its workers can be started: the class path is copied, listeners that are
    /// not open yet are opened. If anything is wrong, nothing is left of it. Not on the master's thread, which must not
    /// wait for so long; one at a time.
    Generation prepare(Configuration configuration) throws StartException, IOException {
        Startup.requireSendable(configuration);
        ListenerOpening.requireUseOfPassed(configuration.listeners());
        return add(configuration, WorkerProgram.of(configuration), () ->
                listeners.take(configuration.listeners(), configuration.worker().socketTimeout()));
    }

    private interface Listening {
        List<OpenListener> begin() throws StartException, IOException;
    }

    /// Listening comes last: once clients can connect, nothing is left that takes long.
    private Generation add(Configuration configuration, WorkerProgram program, Listening listening)
            throws IOException, StartException {
        int number = last + 1;
        long heap = WorkerProgram.memory(configuration).heap().bytes();
        PinnedClassPath pinned = PinnedClassPath.of(number, program.classPath());
        List<OpenListener> begun = List.of();
        boolean isComplete = false;
        try {
            WorkerProgram own = program.with(pinned.paths());
            WorkerProgram started = AotCache.ofThisServer().map(cache -> cache.usedBy(own, heap, pinned.folder()))
                    .orElse(own);
            begun = listening.begin();
            Generation generation = new Generation(number, configuration, started, begun, pinned);
            last = number;
            all.put(number, generation);
            isComplete = true;
            return generation;
        } finally {
            if (!isComplete) {
                listeners.letGo(begun);
                pinned.delete();
            }
        }
    }

    /// @throws IllegalStateException if it was dropped
    Generation get(int number) {
        return Optional.ofNullable(all.get(number))
                .orElseThrow(() -> new IllegalStateException("there is no generation " + number));
    }

    /// There is no process of it any more. What no other generation uses is closed and deleted.
    void drop(int number) {
        Generation dropped = all.remove(number);
        if (dropped == null) {
            return; // it came to nothing before it was one
        }
        listeners.letGo(dropped.listeners());
        dropped.classPath().delete();
    }

    /// All listeners, each once.
    List<OpenListener> listeners() {
        return listeners.all();
    }

    /// Refuses connections on all listeners, and lets them go.
    void closeListeners() {
        listeners.closeAll();
    }

    /// The last process of all is gone.
    void deleteCopies() {
        all.values().forEach(generation -> generation.classPath().delete());
    }
}
