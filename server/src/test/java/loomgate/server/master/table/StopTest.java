package loomgate.server.master.table;

import static loomgate.server.master.table.TestTable.CANNOT_LOAD;
import static loomgate.server.master.table.TestTable.CRASHED;
import static loomgate.server.master.table.TestTable.KILLED;
import static loomgate.server.master.table.TestTable.KILL_AFTER_MS;
import static loomgate.server.master.table.TestTable.STOPPED;
import static loomgate.server.master.table.TestTable.UNLIMITED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import loomgate.server.control.EndCause;
import loomgate.server.control.ExitCode;
import loomgate.server.control.Vitals;
import loomgate.server.master.table.Action.AskToDrain;
import loomgate.server.master.table.Action.AskToStop;
import loomgate.server.master.table.Action.CloseListeners;
import loomgate.server.master.table.Action.Dump;
import loomgate.server.master.table.Action.Exit;
import loomgate.server.master.table.Action.Kill;
import loomgate.server.master.table.Action.Report.Severity;
import loomgate.server.master.table.Action.Spawn;
import loomgate.server.master.table.TableEvent.Garbled;
import loomgate.server.master.table.TableEvent.MemorySeen;
import loomgate.server.master.table.TableEvent.SpawnFailed;
import loomgate.server.master.table.TableEvent.Spawned;
import loomgate.server.master.table.TableEvent.StopRequested;
import loomgate.server.os.ExitStatus;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// How [WorkerTable] ends the master.
class StopTest {

    private TestTable test = TestTable.twoServing();

    private void stop() {
        test.apply(new StopRequested());
    }

    @Test
    void servingWorkersAreAskedAndListenersGivenUp() {
        stop();
        test.assertDue(new CloseListeners(), new AskToStop(101), new AskToStop(102));
        test.exited(101, STOPPED);
        test.assertDue();
        test.exited(102, STOPPED);
        test.assertDue(new Exit(ExitCode.STOPPED));
        assertEquals("worker 2 gen 1 pid 102 ended: stop, exited with status 0, after 5000 ms",
                test.lastReport().text());
        assertEquals(Severity.INFO, test.lastReport().severity());
    }

    @Test
    void exitIsHandedOutOnce() {
        stop();
        test.exited(101, STOPPED);
        test.exited(102, STOPPED);
        test.due();
        test.assertDue();
    }

    @Test
    void nothingIsReplacedAnyMore() {
        stop();
        test.due();
        test.exited(101, CRASHED);
        test.pass(100_000_000);
        assertFalse(test.due().stream().anyMatch(Spawn.class::isInstance));
    }

    @Test
    void aWorkerThatFailsWhileItStopsHasCutRequestsShort() {
        stop();
        test.exited(101, new ExitStatus.Exited(75));
        test.exited(102, STOPPED);
        assertEquals(new Exit(ExitCode.CUT_SHORT), test.due().getLast());
    }

    @Test
    void aWorkerThatCrashesWhileItStopsHasCutRequestsShort() {
        stop();
        test.exited(101, STOPPED);
        test.exited(102, CRASHED);
        assertEquals(new Exit(ExitCode.CUT_SHORT), test.due().getLast());
    }

    @Test
    void whoDoesNotEndInTimeIsKilled() {
        stop();
        test.due();
        test.exited(102, STOPPED);
        test.assertDueAfter(KILL_AFTER_MS, new Kill(101));
        test.assertDue();
        test.exited(101, KILLED);
        test.assertDue(new Exit(ExitCode.CUT_SHORT));
    }

    @Test
    void secondRequestKills() {
        stop();
        test.exited(102, STOPPED);
        test.due();
        stop();
        test.assertDue(new Kill(101));
        stop();
        test.assertDue();
        test.exited(101, KILLED);
        test.assertDue(new Exit(ExitCode.CUT_SHORT));
    }

    @Test
    void whatCannotBeUnderstoodIsKilledAndCutsShort() {
        stop();
        test.due();
        test.apply(new Garbled(101));
        test.assertDue(new Kill(101));
        test.exited(101, KILLED);
        test.exited(102, STOPPED);
        test.assertDue(new Exit(ExitCode.CUT_SHORT));
    }

    @Test
    void duringBackOffNobodyIsWaitedFor() {
        test = TestTable.serving(1, UNLIMITED);
        test.exited(101, CRASHED);
        test.due();
        test.apply(new SpawnFailed(1, 1));
        stop();
        test.assertEnd(ExitCode.STOPPED);
        test.assertNothingNext();
    }

    @Nested
    class OnTheFirstStart {

        private final TestTable fresh = TestTable.ofTwo();

        @Test
        void beforeAnythingIsSpawnedItEndsAtOnce() {
            fresh.apply(new StopRequested());
            fresh.assertEnd(ExitCode.STOPPED);
        }

        @Test
        void itIsNoFailure() {
            fresh.spawned(1, 101);
            fresh.apply(new StopRequested());
            fresh.assertDue(new CloseListeners(), new AskToStop(101));
            fresh.exited(101, STOPPED);
            fresh.assertDue(new Exit(ExitCode.STOPPED));
        }

        @Test
        void aWorkerThatWasNeverReadyCutsNothingShort() {
            fresh.spawned(1, 101);
            fresh.apply(new StopRequested());
            fresh.exited(101, new ExitStatus.Exited(143)); // TERM to the whole group
            assertEquals(new Exit(ExitCode.STOPPED), fresh.due().getLast());
        }

        @Test
        void aWorkerThatIsReadyTooLateCountsAllTheSame() {
            fresh.spawned(1, 101);
            fresh.apply(new StopRequested());
            fresh.ready(101);
            fresh.exited(101, CRASHED);
            assertEquals(new Exit(ExitCode.CUT_SHORT), fresh.due().getLast());
        }

        @Test
        void aWorkerThatHangsIsAskedToo() {
            fresh.spawned(1, 101);
            fresh.pass(TestTable.START_TIMEOUT.toMillis());
            fresh.assertDue(new Dump(101));
            fresh.apply(new StopRequested());
            fresh.assertDue(new CloseListeners(), new AskToStop(101));
            fresh.assertDueAfter(KILL_AFTER_MS, new Kill(101));
        }

        @Test
        void afterAFailureItChangesNoCode() {
            fresh.spawned(1, 101);
            fresh.exited(101, CANNOT_LOAD);
            fresh.apply(new StopRequested());
            fresh.assertEnd(ExitCode.APPLICATION_CANNOT_LOAD);
        }
    }

    @Nested
    class DuringAReplacement {

        @Test
        void successorsAreAskedToo() {
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.spawned(2, 202);
            stop();
            test.assertDue(new CloseListeners(), new AskToStop(101), new AskToStop(102), new AskToStop(202));
            test.exited(202, STOPPED);
            test.exited(102, STOPPED);
            test.assertDue();
            test.exited(101, STOPPED);
            test.assertDue(new Exit(ExitCode.STOPPED));
        }

        @Test
        void aStartInPlaceOfOneThatCrashedIsAskedToo() {
            test.exited(102, CRASHED);
            test.spawned(2, 202);
            stop();
            test.assertDue(new CloseListeners(), new AskToStop(101), new AskToStop(202));
        }

        @Test
        void oneThatDrainsIsAskedToo() {
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.spawned(2, 202);
            test.ready(202);
            test.assertDue(new AskToDrain(102));
            stop();
            test.assertDue(new CloseListeners(), new AskToStop(101), new AskToStop(102), new AskToStop(202));
            test.exited(101, STOPPED);
            test.exited(202, STOPPED);
            test.assertDueAfter(KILL_AFTER_MS, new Kill(102));
            test.exited(102, KILLED);
            test.assertDue(new Exit(ExitCode.CUT_SHORT));
        }

        @Test
        void oneThatIsKilledIsOnlyWaitedFor() {
            test.apply(new Garbled(101));
            test.assertDue(new Kill(101));
            stop();
            test.assertDue(new CloseListeners(), new AskToStop(102));
            test.exited(102, STOPPED);
            test.assertDue();
            test.exited(101, KILLED);
            test.assertDue(new Exit(ExitCode.STOPPED));
        }

        @Test
        void aRequestThatFollowsTheTermOfWorkersAtOnceStopsThem() {
            test.replaceRequested(101, EndCause.TERMINATED);
            test.replaceRequested(102, EndCause.TERMINATED);
            test.assertDue();
            stop();
            test.assertDue(new CloseListeners(), new AskToStop(101), new AskToStop(102));
            assertEquals(EndCause.STOP, test.table.life(101).orElseThrow().cause());
        }

        @Test
        void aProcessThatIsSpawnedTooLateIsAskedAsWell() {
            test.exited(102, CRASHED);
            test.assertDue(new Spawn(2, 1));
            stop();
            test.apply(new Spawned(2, 1, 202));
            test.assertDue(new CloseListeners(), new AskToStop(101), new AskToStop(202));
        }
    }

    @Test
    void nothingElseChangesIt() {
        test = TestTable.serving(2, TestTable.evilLimits(1, 1));
        test.alive(101, 1_000);
        stop();
        test.due();
        WorkerState before = test.state(101);
        for (TableEvent event : List.of(new MemorySeen(101, 1 << 30, 1 << 30),
                new TableEvent.ReplaceRequested(101, EndCause.OUT_OF_MEMORY, ""),
                new TableEvent.Ready(101, Vitals.UNKNOWN),
                new TableEvent.Alive(101, test.in(1), new Vitals(1, 1 << 30, 1 << 30)))) {
            test.apply(event);
            test.assertDue();
            assertEquals(before, test.state(101));
        }
        test.assertNextIn(KILL_AFTER_MS);
        assertInstanceOf(WorkerState.Stopping.class, test.state(102));
    }
}
