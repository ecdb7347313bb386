package loomgate.server.master.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import loomgate.server.config.RecyclingSettings;
import loomgate.server.control.EndCause;
import loomgate.server.control.Vitals;
import loomgate.server.master.table.Action.AskToDrain;
import loomgate.server.master.table.Action.AskToStop;
import loomgate.server.master.table.Action.CloseListeners;
import loomgate.server.master.table.Action.DropGeneration;
import loomgate.server.master.table.Action.Dump;
import loomgate.server.master.table.Action.Exit;
import loomgate.server.master.table.Action.Kill;
import loomgate.server.master.table.Action.Leave;
import loomgate.server.master.table.Action.ReloadCommitted;
import loomgate.server.master.table.Action.ReloadEnded;
import loomgate.server.master.table.Action.ReloadProgress;
import loomgate.server.master.table.Action.Report;
import loomgate.server.master.table.Action.Spawn;
import loomgate.server.master.table.TableEvent.Alive;
import loomgate.server.master.table.TableEvent.Exited;
import loomgate.server.master.table.TableEvent.Garbled;
import loomgate.server.master.table.TableEvent.MemorySeen;
import loomgate.server.master.table.TableEvent.Ready;
import loomgate.server.master.table.TableEvent.ReloadPrepared;
import loomgate.server.master.table.TableEvent.ReplaceRequested;
import loomgate.server.master.table.TableEvent.SpawnFailed;
import loomgate.server.master.table.TableEvent.Spawned;
import loomgate.server.master.table.TableEvent.StopRequested;
import loomgate.server.os.ExitStatus;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Thousands of random events, polite and rude ones, against a table and a model of the processes outside: whatever
/// happens, what has to hold of the workers holds.
class WorkerTableSimulationTest {

    private static final int STEPS = 5_000;
    private static final int PROCESSES = 4;
    private static final long MB = 1024 * 1024;
    private static final int LONGEST_PAUSE_MS = 30_000;
    private static final RecyclingSettings RECYCLING = new RecyclingSettings(
            0, 0, 700 * MB, 200 * MB, 900 * MB, 300 * MB, Duration.ofMinutes(10), Duration.ZERO);
    private static final Duration SHUTDOWN_DELAY = Duration.ofSeconds(5); // of every other table
    private static final Vitals MODEST = new Vitals(0, 600 * MB, 100 * MB);

    /// A process as it really is, of which the table only hears.
    private static final class Outside {
        final int worker;
        final int generation;
        boolean isReady;
        boolean isAskedToEnd;
        boolean isKilled;

        Outside(int worker, int generation) {
            this.worker = worker;
            this.generation = generation;
        }

        boolean isServing() {
            return isReady && !isAskedToEnd && !isKilled;
        }
    }

    private Random random;
    private TableSettings settings;
    private WorkerTable table;
    private final Map<Integer, Outside> alive = new TreeMap<>(); // by pid; not reaped
    private final Set<Integer> ended = new HashSet<>();
    private long now = Long.MAX_VALUE - Duration.ofHours(1).toNanos(); // overflows soon
    private int lastPid = 100;
    private int lastGeneration = 1;
    private final Set<Integer> dropped = new HashSet<>();
    private boolean isReloading;
    private boolean isLeaving;
    private boolean isStopping;
    private boolean isOver;
    private boolean isPolite; // nobody crashes, hangs or fails to start
    private boolean hasBegun;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whateverHappensNumbersAreServedOrAboutToBe(long seed) {
        begin(seed);
        for (int step = 0; step < STEPS && !isOver; step++) {
            rudeStep();
            performDue();
            assertInvariants();
        }
        assertTrue(hasBegun && !isOver, "the master ended without being told to");
        settle();
        stop();
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void amongPoliteWorkersNobodyIsEverAway(long seed) {
        begin(seed);
        isPolite = true;
        for (int step = 0; step < STEPS; step++) {
            politeStep();
            performDue();
            assertInvariants();
            for (int worker = 1; worker <= PROCESSES; worker++) {
                assertEquals(1, serving(worker), "worker " + worker + " at step " + step);
            }
            assertTrue(alive.size() <= PROCESSES + 1, "one at a time: " + alive.keySet());
        }
        stop();
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24, 25, 26, 27, 28})
    void aStopAtAnyMomentEndsTheMaster(long seed) {
        begin(seed);
        for (int step = 0; step < 50 + seed * 10; step++) {
            rudeStep();
            performDue();
        }
        stop();
    }

    /// Gets to where all serve.
    private void begin(long seed) {
        random = new Random(seed);
        settings = new TableSettings(PROCESSES, Duration.ofSeconds(60),
                seed % 2 == 0 ? SHUTDOWN_DELAY : Duration.ZERO, Duration.ofSeconds(90), Duration.ofSeconds(30),
                RECYCLING);
        table = new WorkerTable(settings, random, now);
        isPolite = true;
        for (int i = 0; i < PROCESSES; i++) {
            performDue();
            List.copyOf(alive.keySet()).forEach(this::ready);
        }
        performDue();
        assertEquals(PROCESSES, alive.values().stream().filter(Outside::isServing).count());
        isPolite = false;
        hasBegun = true;
    }

    private void rudeStep() {
        pass(random.nextInt(10) == 0 ? random.nextInt(LONGEST_PAUSE_MS) : random.nextInt(300));
        int pid = anyPid();
        switch (random.nextInt(22)) {
            case 0, 1, 2, 3 -> ready(pid);
            case 4, 5 -> exit(pid, random.nextInt(4));
            case 6 -> apply(new ReplaceRequested(pid, cause(), ""));
            case 7, 8, 9, 10 -> apply(new Alive(pid, now + random.nextInt(20_000) * 1_000_000L, MODEST));
            case 11 -> apply(new Garbled(pid));
            case 12 -> apply(new MemorySeen(pid, random.nextLong(1_000 * MB), random.nextLong(310 * MB)));
            case 13 -> ready(pid, new Vitals(0, random.nextLong(1_000 * MB), random.nextLong(310 * MB)));
            case 14 -> {
                if (random.nextInt(10) == 0) {
                    reload();
                } else {
                    apply(new Garbled(4711));
                }
            }
            case 15 -> apply(new Alive(pid, now - 1, MODEST));
            case 16 -> apply(new Ready(lastPid + 1, Vitals.UNKNOWN)); // of nobody yet
            default -> obey();
        }
    }

    /// Workers that ask to be replaced, get ready in time and end when they are asked to.
    private void politeStep() {
        pass(random.nextInt(300));
        int pid = anyPid();
        switch (random.nextInt(8)) {
            case 0 -> apply(new ReplaceRequested(pid, EndCause.MAX_REQUESTS, ""));
            case 1 -> {
                if (random.nextInt(20) == 0) {
                    reload();
                } else {
                    apply(new ReplaceRequested(pid, EndCause.RESIDENT_MEMORY, ""));
                }
            }
            case 2, 3 -> List.copyOf(alive.keySet()).forEach(this::ready);
            case 4 -> alive.keySet().forEach(other -> apply(new Alive(other, now + 60_000_000_000L, MODEST)));
            default -> obey();
        }
    }

    /// One at a time, as the master does it.
    private void reload() {
        if (!isReloading) {
            isReloading = true;
            apply(new ReloadPrepared(++lastGeneration, settings));
        }
    }

    /// Whoever was asked or forced to end does.
    private void obey() {
        for (int pid : List.copyOf(alive.keySet())) {
            if (alive.get(pid).isAskedToEnd || alive.get(pid).isKilled) {
                exit(pid, 0);
            }
        }
    }

    private EndCause cause() {
        return EndCause.values()[random.nextInt(EndCause.values().length)];
    }

    private int anyPid() {
        List<Integer> pids = new ArrayList<>(alive.keySet());
        return pids.isEmpty() ? 4711 : pids.get(random.nextInt(pids.size()));
    }

    private void ready(int pid) {
        ready(pid, MODEST);
    }

    private void ready(int pid, Vitals vitals) {
        Outside process = alive.get(pid);
        if (process != null) {
            process.isReady = true;
        }
        apply(new Ready(pid, vitals));
    }

    private void exit(int pid, int status) {
        if (alive.remove(pid) != null) {
            ended.add(pid);
            ExitStatus how = status == 3 ? new ExitStatus.Killed(9) : new ExitStatus.Exited(status);
            apply(new Exited(pid, how, Instant.EPOCH));
        }
    }

    private void apply(TableEvent event) {
        table.apply(event, now);
    }

    /// Time goes by. Before the next deadline there is nothing to be done; at each that is passed something is.
    private void pass(int ms) {
        long until = now + ms * 1_000_000L;
        for (OptionalLong next = table.nextDeadline();
                next.isPresent() && next.getAsLong() - until <= 0;
                next = table.nextDeadline()) {
            assertTrue(next.getAsLong() - now > 0, "what is due was not handed out");
            now = next.getAsLong() - 1;
            assertEquals(List.of(), table.due(now));
            now++;
            assertTrue(performDue() > 0, "nothing is due at the deadline");
        }
        now = until;
        assertEquals(List.of(), table.due(now));
    }

    /// Returns how many actions there were.
    private int performDue() {
        int count = 0;
        for (List<Action> due = table.due(now); !due.isEmpty(); due = table.due(now)) {
            for (Action action : due) {
                perform(action);
                count++;
            }
            assertTrue(count < 1_000, "there is no end of actions");
        }
        return count;
    }

    private void perform(Action action) {
        assertFalse(isOver, "nothing comes after the exit");
        switch (action) {
            case Spawn(int worker, int generation) -> spawn(worker, generation);
            case AskToDrain(int pid) -> {
                Outside process = ours(pid);
                assertFalse(isStopping);
                assertFalse(process.isAskedToEnd || process.isKilled);
                process.isAskedToEnd = true;
                assertTrue(serving(process.worker) > 0, "another is ready");
            }
            case AskToStop(int pid) -> {
                assertTrue(isStopping);
                ours(pid).isAskedToEnd = true;
            }
            case Dump(int pid) -> assertFalse(ours(pid).isKilled);
            case Kill(int pid) -> {
                assertFalse(ours(pid).isKilled, "killed once");
                ours(pid).isKilled = true;
            }
            case Leave _ -> {
                assertFalse(isLeaving || isStopping);
                isLeaving = true;
            }
            case CloseListeners _ -> isStopping = true;
            case Exit _ -> {
                assertTrue(isStopping && alive.isEmpty());
                isOver = true;
            }
            case DropGeneration(int generation) -> {
                assertTrue(dropped.add(generation), "dropped once");
                assertTrue(alive.values().stream().noneMatch(process -> process.generation == generation));
            }
            case ReloadEnded _ -> {
                assertTrue(isReloading);
                isReloading = false;
            }
            case ReloadCommitted _, ReloadProgress _, Report _ -> {}
        }
    }

    private void spawn(int worker, int generation) {
        assertFalse(isStopping);
        assertFalse(dropped.contains(generation), "a generation that was dropped does not come back");
        assertFalse(alive.values().stream().anyMatch(other -> other.worker == worker && !other.isReady),
                "one successor at most");
        if (!isPolite && random.nextInt(10) == 0) {
            apply(new SpawnFailed(worker, generation));
        } else {
            alive.put(++lastPid, new Outside(worker, generation));
            apply(new Spawned(worker, generation, lastPid));
        }
    }

    private Outside ours(int pid) {
        assertFalse(ended.contains(pid), "it was reaped, its pid may be anybody's");
        return alive.get(pid);
    }

    private long serving(int worker) {
        return alive.values().stream().filter(process -> process.worker == worker && process.isServing()).count();
    }

    private void assertInvariants() {
        OptionalLong next = table.nextDeadline();
        assertTrue(next.isEmpty() || next.getAsLong() - now > 0);
        int incumbents = 0;
        long starting = 0;
        for (int worker = 1; worker <= PROCESSES; worker++) {
            List<WorkerLife> lives = lives(worker);
            List<WorkerLife> serving = lives.stream().filter(WorkerLife::isServing).toList();
            long starts = lives.stream().filter(WorkerLife::isStarting).count();
            assertTrue(serving.size() <= 1 && starts <= 1, "one serves, one starts");
            incumbents += serving.size();
            starting += starts;
            boolean isWaitedFor = lives.stream().anyMatch(WorkerLife::holdsPlace); // one that is killed, at worst
            assertTrue(isWaitedFor || next.isPresent(), "worker " + worker + " is forgotten");
        }
        assertTrue(incumbents + starting <= 2 * PROCESSES);
        long successors = alive.values().stream().filter(process -> !process.isReady)
                .filter(process -> lives(process.worker).stream().anyMatch(WorkerLife::isServing))
                .count();
        assertTrue(successors <= 1, "one replacement at a time");
    }

    private List<WorkerLife> lives(int worker) {
        return alive.keySet().stream()
                .flatMap(pid -> table.life(pid).stream())
                .filter(life -> life.label().worker() == worker)
                .toList();
    }

    /// When everybody behaves again, all numbers are served before long, by fit workers, and nobody else is left.
    private void settle() {
        isPolite = true;
        for (int i = 0; i < 100; i++) {
            List.copyOf(alive.keySet()).forEach(this::ready);
            obey();
            performDue();
            alive.keySet().forEach(pid -> apply(new Alive(pid, now + 3_600_000_000_000L, MODEST)));
            pass(3_000);
        }
        assertEquals(PROCESSES, alive.size());
        assertFalse(isReloading);
        assertEquals(
                1, alive.values().stream().map(process -> process.generation).distinct().count(), "one generation");
        assertEquals(lastGeneration - 1, dropped.size(), "all others were dropped");
        for (int worker = 1; worker <= PROCESSES; worker++) {
            assertEquals(1, serving(worker));
        }
    }

    private void stop() {
        apply(new StopRequested());
        performDue();
        for (int i = 0; i < 100 && !isOver; i++) {
            if (random.nextBoolean()) {
                apply(new StopRequested());
            }
            reload();
            performDue();
            pass(random.nextInt(2_000));
            List.copyOf(alive.keySet()).forEach(pid -> exit(pid, random.nextInt(4)));
            performDue();
        }
        assertTrue(isOver);
        assertEquals(OptionalLong.empty(), table.nextDeadline());
    }
}
