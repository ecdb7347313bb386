package loomgate.server.master.table;

import static loomgate.server.master.table.TestTable.CRASHED;
import static loomgate.server.master.table.TestTable.STOPPED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import loomgate.server.control.EndCause;
import loomgate.server.control.ExitCode;
import loomgate.server.control.Vitals;
import loomgate.server.control.WorkerLabel;
import loomgate.server.master.table.Action.AskToDrain;
import loomgate.server.master.table.Action.AskToStop;
import loomgate.server.master.table.Action.CloseListeners;
import loomgate.server.master.table.Action.DropGeneration;
import loomgate.server.master.table.Action.Dump;
import loomgate.server.master.table.Action.Exit;
import loomgate.server.master.table.Action.Kill;
import loomgate.server.master.table.Action.ReloadCommitted;
import loomgate.server.master.table.Action.ReloadEnded;
import loomgate.server.master.table.Action.ReloadProgress;
import loomgate.server.master.table.Action.Spawn;
import loomgate.server.master.table.TableEvent.StopRequested;
import org.junit.jupiter.api.Test;

/// A table that begins with workers which another program has started.
class InheritedTableTest {

    private static final WorkerEnd ENDED = new WorkerEnd(new WorkerLabel(2, 3, 99), EndCause.UNEXPECTED, "", CRASHED,
            Duration.ofHours(1), Vitals.UNKNOWN, Instant.EPOCH);

    private static Inherited serving(int worker, int generation, int pid) {
        return new Inherited(new WorkerLabel(worker, generation, pid), Inherited.Stage.SERVING, Duration.ofMinutes(5),
                Duration.ofMinutes(4), new Vitals(7, 1, 1));
    }

    private static Inherited leaving(int worker, int generation, int pid) {
        return new Inherited(new WorkerLabel(worker, generation, pid), Inherited.Stage.LEAVING, Duration.ofMinutes(5),
                Duration.ZERO, Vitals.UNKNOWN);
    }

    /// Of two workers, unless there are more, and generation 4.
    private static TestTable heirOf(Inherited... workers) {
        TableSettings settings = TestTable.settings(2, TestTable.UNLIMITED);
        return heirOf(Map.of(3, settings, 4, settings), workers);
    }

    private static TestTable heirOf(Map<Integer, TableSettings> settings, Inherited... workers) {
        return TestTable.heirOf(4, settings, List.of(workers), List.of(ENDED));
    }

    private final TestTable test = heirOf(serving(1, 4, 101), serving(2, 4, 102));

    @Test
    void thoseThatEndedBeforeAreKnown() {
        test.exited(101, CRASHED);
        assertEquals(List.of(99L, 101L), test.table.ends().stream().map(end -> end.label().pid()).toList());
    }

    @Test
    void thoseThatServedServeOn() {
        test.apply(new TableEvent.Alive(101, test.in(1000), new Vitals(8, 1, 1))); // nothing of generation 3 is left
        test.assertDue(new DropGeneration(3));
        assertTrue(test.table.hasStarted());
        assertEquals(2, test.table.serving());
        assertEquals(Duration.ofMinutes(5), test.table.life(101).orElseThrow().age(test.in(0)));
    }

    @Test
    void theirGenerationIsTheOneThatIsStartedUntilAnotherIsFit() {
        test.exited(102, CRASHED);
        test.assertDue(new DropGeneration(3), new Spawn(2, 4));
    }

    @Test
    void theyAreReplacedOneByOne() {
        test.reload(5, 2);
        test.assertDue(new ReloadProgress("generation 5 is tried with one worker"), new DropGeneration(3),
                new Spawn(1, 5));
        test.apply(new TableEvent.Spawned(1, 5, 201));
        test.ready(201);
        test.assertDue(new ReloadCommitted(5), new AskToDrain(101),
                new ReloadProgress("worker 1 of 2 serves generation 5"));
        test.exited(101, STOPPED);
        assertEquals(EndCause.RELOAD, test.lastEnd().cause());
        test.spawned(2, 5, 202);
        test.ready(202);
        test.assertDue(new AskToDrain(102), new ReloadProgress("worker 2 of 2 serves generation 5"),
                new ReloadEnded(true, "generation 5 serves with 2 workers"));
        test.exited(102, STOPPED);
        test.assertDue(new DropGeneration(4));
    }

    @Test
    void whoWasStartingIsWaitedFor() {
        TestTable busy = heirOf(serving(1, 4, 101), new Inherited(new WorkerLabel(2, 4, 102), Inherited.Stage.STARTING,
                Duration.ofSeconds(1), Duration.ZERO, Vitals.UNKNOWN));
        busy.assertDue();
        busy.assertNextIn(TestTable.START_TIMEOUT.toMillis());
        busy.ready(102);
        busy.assertDue(new DropGeneration(3));
        assertEquals(2, busy.table.serving());
    }

    @Test
    void whoWasOnHisWayOutIsAskedToFinish() {
        TestTable busy = heirOf(serving(1, 4, 101), leaving(1, 3, 91), leaving(2, 4, 102));
        busy.assertDue(new AskToDrain(91), new AskToDrain(102), new Spawn(2, 4));
        busy.apply(new TableEvent.Spawned(2, 4, 202));
        assertInstanceOf(WorkerState.Draining.class, busy.state(91));
        busy.assertNextIn(TestTable.KILL_AFTER_MS);
        busy.pass(TestTable.KILL_AFTER_MS);
        busy.assertDue(new Kill(91), new Kill(102));
        busy.exited(91, TestTable.KILLED);
        busy.assertDue(new DropGeneration(3));
    }

    @Test
    void numbersThatThereAreToBeNoMoreOfComeToNothing() {
        TestTable fewer = heirOf(serving(1, 4, 101), serving(2, 4, 102), leaving(4, 3, 94));
        fewer.assertDue(new AskToDrain(94));
        fewer.exited(94, STOPPED);
        fewer.assertDue(new DropGeneration(3));
        fewer.assertNothingNext();
    }

    @Test
    void whoServesWithAnEarlierGenerationIsReplaced() {
        TestTable late = heirOf(serving(1, 4, 101), serving(2, 3, 92));
        late.assertDue(new Spawn(2, 4));
    }

    @Test
    void eachHasTheTimeThatItsOwnGenerationIsGivenToSayThatItLives() {
        TestTable watched = heirOf(Map.of(3, TestTable.watched(2, Duration.ofSeconds(30)),
                4, TestTable.watched(2, Duration.ofSeconds(2))), serving(1, 4, 101), serving(2, 3, 92));
        watched.spawned(2, 4, 202);
        watched.assertDueAfter(2_000, new Dump(101)); // its successor waits for that of the other
        watched.ready(202);
        watched.assertDue(new AskToDrain(92), new Spawn(1, 4));
    }

    @Test
    void aStopStopsThem() {
        test.apply(new StopRequested());
        test.assertDue(new CloseListeners(), new AskToStop(101), new AskToStop(102), new DropGeneration(3));
        test.exited(101, STOPPED);
        test.exited(102, STOPPED);
        test.assertDue(new Exit(ExitCode.STOPPED));
    }
}
