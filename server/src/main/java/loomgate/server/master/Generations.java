package loomgate.server.master;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import loomgate.server.config.Configuration;
import loomgate.server.config.ListenerSettings;
import loomgate.server.control.ExitCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The generations of the application that have, or may have, processes; and what they hold: listeners, which several
/// may share, and copies of class paths.
final class Generations {

    private static final Logger LOG = LoggerFactory.getLogger(Generations.class);

    private final boolean vacuum;
    private final Map<Integer, Generation> all = new ConcurrentHashMap<>();
    private int last;

    /// @param vacuum whether the files of listeners that go are to go as well
    Generations(boolean vacuum) {
        this.vacuum = vacuum;
    }

    /// The generation of the first start.
    void begin(Configuration configuration, WorkerProgram program, List<OpenListener> listeners)
            throws IOException, StartException {
        add(configuration, program, listeners);
    }

    /// Goes on with generations that there are.
    ///
    /// @param highest number that one had
    void resume(List<Generation> list, int highest) {
        list.forEach(generation -> all.put(generation.number(), generation));
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

    /// Prepares another generation, so that its workers can be started: listeners that are not open yet are opened, the
    /// class path is copied. If anything is wrong, nothing is left of it. Not on the master's thread, which must not
    /// wait for so long; one at a time.
    Generation prepare(Configuration configuration) throws StartException, IOException {
        Startup.requireSendable(configuration);
        ListenerOpening.requireUseOfPassed(configuration.listeners());
        WorkerProgram program = WorkerProgram.of(configuration);
        Map<Place, OpenListener> open = new ConcurrentHashMap<>();
        all.values().stream().flatMap(generation -> generation.listeners().stream())
                .forEach(listener -> open.put(Place.of(listener.settings()), listener));
        List<ListenerSettings> missing = configuration.listeners().stream()
                .filter(settings -> !open.containsKey(Place.of(settings))).toList();
        List<OpenListener> opened = ListenerOpening.openAll(
                missing, configuration.worker().socketTimeout(), Optional.empty());
        opened.forEach(listener -> open.put(Place.of(listener.settings()), listener));
        try {
            requireOneProtocolEach(opened);
            return add(configuration, program, configuration.listeners().stream()
                    .map(settings -> open.get(Place.of(settings))).toList());
        } catch (IOException | StartException e) {
            ListenerOpening.discardAll(opened);
            throw e;
        }
    }

    /// What the server binds itself it cannot bind twice; of a passed socket, old and new workers would take each
    /// other's connections.
    private void requireOneProtocolEach(List<OpenListener> opened) throws StartException {
        List<OpenListener> open = listeners();
        for (OpenListener listener : opened) {
            if (open.stream().anyMatch(other -> other.socket().equals(listener.socket())
                    && other.settings().kind() != listener.settings().kind())) {
                throw new StartException(ExitCode.CONFIGURATION_WRONG, listener.address()
                        + " is to speak another protocol, which takes a restart, or another address");
            }
        }
    }

    private Generation add(Configuration configuration, WorkerProgram program, List<OpenListener> listeners)
            throws IOException, StartException {
        int number = last + 1;
        long heap = WorkerProgram.memory(configuration).heap().bytes();
        PinnedClassPath pinned = PinnedClassPath.of(number, program.classPath());
        WorkerProgram own = program.with(pinned.paths());
        WorkerProgram started = AotCache.ofThisServer().map(cache -> cache.usedBy(own, heap, pinned.folder()))
                .orElse(own);
        Generation generation = new Generation(number, configuration, started, listeners, pinned);
        last = number;
        all.put(number, generation);
        return generation;
    }

    /// What tells one listener from another.
    private record Place(ListenerSettings.Kind kind, Object address) {
        static Place of(ListenerSettings settings) {
            return new Place(settings.kind(), settings.address());
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
        Set<OpenListener> used = new HashSet<>();
        all.values().forEach(generation -> used.addAll(generation.listeners()));
        for (OpenListener listener : dropped.listeners()) {
            if (!used.contains(listener)) {
                close(listener);
                if (vacuum) {
                    Vacuum.run(List.of(listener), Optional.empty());
                }
                LOG.info("no longer listening on {}", listener.address());
            }
        }
        dropped.classPath().delete();
    }

    /// All listeners, each once.
    List<OpenListener> listeners() {
        List<OpenListener> listeners = new ArrayList<>();
        all.values().stream().flatMap(generation -> generation.listeners().stream())
                .filter(listener -> !listeners.contains(listener)).forEach(listeners::add);
        return listeners;
    }

    /// Refuses connections on all listeners, and lets them go.
    void closeListeners() {
        listeners().forEach(Generations::close);
    }

    private static void close(OpenListener listener) {
        try {
            listener.refuseAndClose();
        } catch (IOException e) {
            LOG.error("{} could not be closed: {}", listener.address(), e.getMessage());
        }
    }

    /// The last process of all is gone.
    void deleteCopies() {
        all.values().forEach(generation -> generation.classPath().delete());
    }
}
