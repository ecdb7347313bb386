package loomgate.server.master.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import loomgate.server.config.RecyclingSettings;
import loomgate.server.control.EndCause;
import loomgate.server.control.ExitCode;
import loomgate.server.control.Vitals;
import loomgate.server.master.table.Action.AskToDrain;
import loomgate.server.master.table.Action.CloseListeners;
import loomgate.server.master.table.Action.Dump;
import loomgate.server.master.table.Action.Exit;
import loomgate.server.master.table.Action.Report;
import loomgate.server.master.table.Action.Spawn;
import loomgate.server.master.table.TableEvent.Alive;
import loomgate.server.master.table.TableEvent.Exited;
import loomgate.server.master.table.TableEvent.Ready;
import loomgate.server.master.table.TableEvent.ReloadPrepared;
import loomgate.server.master.table.TableEvent.ReplaceRequested;
import loomgate.server.master.table.TableEvent.Spawned;
import loomgate.server.os.ExitStatus;

/// A table with a clock of its own, and what happened and was decided, told briefly.
///
/// Worker n has pid 100 + n at first, 200 + n as its own successor, and so on. Time is in milliseconds from an
/// arbitrary reading of the clock, which is negative so that no comparison can depend on its sign.
public final class TestTable {

    static final Duration MERCY = Duration.ofSeconds(60);
    static final long KILL_AFTER_MS = MERCY.plus(WorkerTable.EXIT_MARGIN).toMillis();
    static final Duration START_TIMEOUT = Duration.ofSeconds(90);
    public static final long MB = 1024 * 1024;

    public static final ExitStatus STOPPED = new ExitStatus.Exited(0);
    public static final ExitStatus CRASHED = new ExitStatus.Killed(11);
    public static final ExitStatus KILLED = new ExitStatus.Killed(9);
    static final ExitStatus CANNOT_LOAD = new ExitStatus.Exited(22);

    public static final RecyclingSettings UNLIMITED =
            new RecyclingSettings(0, 0, 0, 0, 0, 0, Duration.ZERO, Duration.ZERO);

    private static final long EPOCH = Long.MIN_VALUE / 2;

    public final WorkerTable table;
    final List<Report> reports = new ArrayList<>(); // all that were made
    private long now; // ms

    TestTable(int processes, RecyclingSettings recycling) {
        this(settings(processes, recycling));
    }

    TestTable(TableSettings settings) {
        table = new WorkerTable(settings, new Random(1), EPOCH);
    }

    public static TableSettings settings(int processes, RecyclingSettings recycling) {
        return new TableSettings(processes, MERCY, Duration.ZERO, START_TIMEOUT, Duration.ZERO, recycling);
    }

    /// Who is ready has so much time to give a sign of life; without limits.
    static TableSettings watched(int processes, Duration workerTimeout) {
        return new TableSettings(processes, MERCY, Duration.ZERO, START_TIMEOUT, workerTimeout, UNLIMITED);
    }

    /// Without limits.
    public static TableSettings settings(int processes, Duration shutdownDelay) {
        return new TableSettings(processes, MERCY, shutdownDelay, START_TIMEOUT, Duration.ZERO, UNLIMITED);
    }

    private TestTable(int generation, Map<Integer, TableSettings> settings, List<Inherited> workers,
            List<WorkerEnd> ends) {
        table = WorkerTable.of(generation, settings, workers, ends, new Random(1), EPOCH);
    }

    /// What another program has left.
    ///
    /// @param generation the current one
    /// @param settings   of each generation
    static TestTable heirOf(int generation, Map<Integer, TableSettings> settings, List<Inherited> workers,
            List<WorkerEnd> ends) {
        return new TestTable(generation, settings, workers, ends);
    }

    /// Two workers without limits, which are not started yet.
    static TestTable ofTwo() {
        return new TestTable(2, UNLIMITED);
    }

    /// Workers that all serve, and have for five seconds.
    public static TestTable serving(int processes, RecyclingSettings recycling) {
        return serving(settings(processes, recycling));
    }

    public static TestTable serving(TableSettings settings) {
        TestTable test = new TestTable(settings);
        test.spawned(1, 101);
        test.ready(101);
        test.due();
        for (int worker = 2; worker <= settings.processes(); worker++) {
            test.apply(new Spawned(worker, 1, 100 + worker));
            test.ready(100 + worker);
        }
        test.assertDue();
        test.pass(5_000);
        return test;
    }

    public static TestTable twoServing() {
        return serving(2, UNLIMITED);
    }

    static RecyclingSettings softLimits(long addressSpace, long resident) {
        return new RecyclingSettings(0, 0, addressSpace * MB, resident * MB, 0, 0, Duration.ZERO, Duration.ZERO);
    }

    static RecyclingSettings evilLimits(long addressSpace, long resident) {
        return new RecyclingSettings(0, 0, 0, 0, addressSpace * MB, resident * MB, Duration.ZERO, Duration.ZERO);
    }

    static RecyclingSettings lifetime(Duration most) {
        return new RecyclingSettings(0, 0, 0, 0, 0, 0, most, Duration.ZERO);
    }

    public void pass(long ms) {
        now += ms;
    }

    /// What the clock shows so many milliseconds from now.
    public long in(long ms) {
        return EPOCH + (now + ms) * 1_000_000;
    }

    public void apply(TableEvent event) {
        table.apply(event, in(0));
    }

    /// The spawn is due, and is done.
    public void spawned(int worker, int pid) {
         assertDue(new Spawn(worker, 1));
         apply(new Spawned(worker, 1, pid));
    }

    /// The same, with that generation.
    public void spawned(int worker, int generation, int pid) {
         assertDue(new Spawn(worker, generation));
         apply(new Spawned(worker, generation, pid));
    }

    /// A new generation is prepared, for so many workers.
    public void reload(int generation, int processes) {
        reload(generation, settings(processes, UNLIMITED));
    }

    public void reload(int generation, TableSettings settings) {
         apply(new ReloadPrepared(generation, settings));
    }

    /// A worker is found unresponsive, and its successor is started.
    void spawnedAfterDump(int old, int worker, int pid) {
         assertDue(new Dump(old), new Spawn(worker, 1));
         apply(new Spawned(worker, 1, pid));
    }

    public void ready(int pid) {
         apply(new Ready(pid, Vitals.UNKNOWN));
    }

    public void exited(int pid, ExitStatus status) {
         apply(new Exited(pid, status, Instant.EPOCH.plusMillis(now)));
    }

    public void replaceRequested(int pid, EndCause cause) {
         apply(new ReplaceRequested(pid, cause, ""));
    }

    void alive(int pid, long forMs) {
         apply(new Alive(pid, in(forMs), Vitals.UNKNOWN));
    }

    /// A successor comes, and the old process drains and goes.
    void replaced(int worker, int old, int successor) {
         spawned(worker, successor);
         ready(successor);
         assertDue(new AskToDrain(old));
         exited(old, STOPPED);
    }

    /// What is to be done now, without what is only said.
    public List<Action> due() {
        List<Action> due = new ArrayList<>();
        for (Action action : table.due(in(0))) {
            if (action instanceof Report report) {
                reports.add(report);
            } else {
                due.add(action);
            }
        }
        return due;
    }

    public void assertDue(Action... actions) {
        assertEquals(List.of(actions), due());
    }

    void assertDueAfter(long delayMs, Action... actions) {
        if (delayMs > 0) {
             assertDue();
            assertNextIn(delayMs);
            now += delayMs - 1;
             assertDue();
            now++;
        }
         assertDue(actions);
    }

    void assertSpawnAfter(int worker, long delayMs) {
        assertDueAfter(delayMs, new Spawn(worker, 1));
    }

    void assertNextIn(long ms) {
        assertEquals(OptionalLong.of(in(ms)), table.nextDeadline());
    }

    void assertNothingNext() {
        assertEquals(OptionalLong.empty(), table.nextDeadline());
    }

    void assertEnd(ExitCode code) {
         assertDue(new CloseListeners(), new Exit(code));
    }

    WorkerState state(int pid) {
        return table.life(pid).orElseThrow().state();
    }

    /// The last that was reported, as of the last question what is due.
    Report lastReport() {
        return reports.getLast();
    }

    WorkerEnd lastEnd() {
        return table.ends().getLast();
    }
}
