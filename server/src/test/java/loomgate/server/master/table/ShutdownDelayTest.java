package loomgate.server.master.table;

import static loomgate.server.master.table.TestTable.CANNOT_LOAD;
import static loomgate.server.master.table.TestTable.CRASHED;
import static loomgate.server.master.table.TestTable.KILLED;
import static loomgate.server.master.table.TestTable.STOPPED;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import loomgate.server.control.EndCause;
import loomgate.server.control.ExitCode;
import loomgate.server.master.table.Action.AskToDrain;
import loomgate.server.master.table.Action.AskToStop;
import loomgate.server.master.table.Action.CloseListeners;
import loomgate.server.master.table.Action.DropGeneration;
import loomgate.server.master.table.Action.Exit;
import loomgate.server.master.table.Action.Kill;
import loomgate.server.master.table.Action.Leave;
import loomgate.server.master.table.Action.ReloadCommitted;
import loomgate.server.master.table.Action.ReloadEnded;
import loomgate.server.master.table.Action.ReloadProgress;
import loomgate.server.master.table.Action.Spawn;
import loomgate.server.master.table.TableEvent.Spawned;
import loomgate.server.master.table.TableEvent.StopRequested;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// How [WorkerTable] goes on for a while although it is told to stop.
class ShutdownDelayTest {

    private static final long DELAY_MS = 10_000;
    private static final Duration DELAY = Duration.ofMillis(DELAY_MS);
    private static final ReloadProgress TRIED = new ReloadProgress("generation 2 is tried with one worker");

    private TestTable test = TestTable.serving(TestTable.settings(2, DELAY));

    private void leave() {
        test.apply(new StopRequested());
        test.assertDue(new Leave(DELAY));
    }

    @Test
    void workersAreAskedWhenItIsOver() {
        leave();
        test.assertDueAfter(DELAY_MS, new CloseListeners(), new AskToStop(101), new AskToStop(102));
        test.exited(101, STOPPED);
        test.exited(102, STOPPED);
        test.assertDue(new Exit(ExitCode.STOPPED));
        test.assertNothingNext();
    }

    @Test
    void whatIsLeftOfItIsKnown() {
        assertEquals(DELAY, test.table.shutdownDelay(test.in(0)));
        leave();
        test.pass(4_000);
        assertEquals(Duration.ofMillis(6_000), test.table.shutdownDelay(test.in(0)));
        test.pass(6_000);
        test.due();
        assertEquals(Duration.ZERO, test.table.shutdownDelay(test.in(0)));
    }

    @Test
    void secondRequestCutsOff() {
        leave();
        test.pass(1_000);
        test.apply(new StopRequested());
        test.assertDue(new CloseListeners(), new AskToStop(101), new AskToStop(102), new Kill(101), new Kill(102));
        test.exited(101, KILLED);
        test.exited(102, KILLED);
        test.assertDue(new Exit(ExitCode.CUT_SHORT));
    }

    @Test
    void afterwardsTheMercyBegins() {
        leave();
        test.pass(DELAY_MS);
        test.due();
        test.exited(101, STOPPED);
        test.assertDueAfter(TestTable.KILL_AFTER_MS, new Kill(102));
        test.exited(102, KILLED);
        test.assertDue(new Exit(ExitCode.CUT_SHORT));
    }

    @Test
    void workersThatDieAreReplaced() {
        leave();
        test.exited(101, CRASHED);
        test.spawned(1, 201);
        test.ready(201);
        test.assertDueAfter(DELAY_MS, new CloseListeners(), new AskToStop(201), new AskToStop(102));
    }

    @Test
    void oneThatKeepsDyingIsTriedAgainWithDelay() {
        leave();
        test.exited(101, CRASHED);
        test.spawned(1, 201);
        test.exited(201, CANNOT_LOAD);
        test.assertSpawnAfter(1, BackOff.after(2).toMillis());
    }

    @Test
    void oneThatHangsIsReplaced() {
        test.alive(101, 1_000);
        leave();
        test.pass(1_000);
        test.spawnedAfterDump(101, 1, 201);
        test.ready(201);
        test.assertDue(new Kill(101));
    }

    @Test
    void oneThatIsUsedUpIsReplaced() {
        leave();
        test.replaceRequested(102, EndCause.MAX_REQUESTS);
        test.replaced(2, 102, 202);
    }

    @Test
    void oneThatStillStartsIsAskedWhenItIsOver() {
        test.exited(101, CRASHED);
        test.spawned(1, 201);
        leave();
        test.assertDueAfter(DELAY_MS, new CloseListeners(), new AskToStop(201), new AskToStop(102));
    }

    @Nested
    class BeforeTheFirstWorkerIsReady {

        private final TestTable fresh = new TestTable(TestTable.settings(2, DELAY));

        @Test
        void thereIsNone() {
            fresh.spawned(1, 101);
            assertEquals(Duration.ZERO, fresh.table.shutdownDelay(fresh.in(0)));
            fresh.apply(new StopRequested());
            fresh.assertDue(new CloseListeners(), new AskToStop(101));
            fresh.exited(101, STOPPED);
            fresh.assertDue(new Exit(ExitCode.STOPPED));
        }

        @Test
        void aFailureEndsItAtOnce() {
            fresh.spawned(1, 101);
            fresh.exited(101, CANNOT_LOAD);
            fresh.assertEnd(ExitCode.APPLICATION_CANNOT_LOAD);
        }
    }

    @Nested
    class WithAReload {

        @Test
        void noneBegins() {
            leave();
            test.reload(2, 2);
            test.assertDue(TRIED, new ReloadEnded(false, "the server stops"), new DropGeneration(2));
            test.assertDueAfter(DELAY_MS, new CloseListeners(), new AskToStop(101), new AskToStop(102));
        }

        @Test
        void oneThatIsUnderWayGoesOn() {
            test.reload(2, 2);
            test.assertDue(TRIED, new Spawn(1, 2));
            test.apply(new Spawned(1, 2, 201));
            leave();
            test.ready(201);
            test.assertDue(new ReloadCommitted(2), new AskToDrain(101),
                    new ReloadProgress("worker 1 of 2 serves generation 2"));
        }

        @Test
        void oneThatIsNotDoneByThenIsAbandoned() {
            test.reload(2, 2);
            test.assertDue(TRIED, new Spawn(1, 2));
            test.apply(new Spawned(1, 2, 201));
            leave();
            test.assertDueAfter(DELAY_MS, new ReloadEnded(false, "the server stops"), new CloseListeners(),
                    new AskToStop(101), new AskToStop(201), new AskToStop(102));
        }

        @Test
        void theDelayOfTheNewGenerationIsForTheNextStop() {
            test = TestTable.serving(TestTable.settings(1, Duration.ZERO));
            test.apply(new TableEvent.ReloadPrepared(2, TestTable.settings(1, DELAY)));
            test.assertDue(TRIED, new Spawn(1, 2));
            test.apply(new Spawned(1, 2, 201));
            test.ready(201);
            test.exited(101, STOPPED);
            test.due();
            leave();
        }
    }
}
