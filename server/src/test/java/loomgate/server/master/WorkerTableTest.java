package loomgate.server.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import loomgate.server.control.EndCause;
import loomgate.server.control.ExitCode;
import loomgate.server.control.Vitals;
import loomgate.server.master.Action.AskToDrain;
import loomgate.server.master.Action.AskToStop;
import loomgate.server.master.Action.CloseListeners;
import loomgate.server.master.Action.Exit;
import loomgate.server.master.Action.Kill;
import loomgate.server.master.Action.Report;
import loomgate.server.master.Action.Spawn;
import loomgate.server.master.MasterEvent.ChildEnded;
import loomgate.server.master.MasterEvent.ReplaceRequested;
import loomgate.server.master.MasterEvent.Exited;
import loomgate.server.master.MasterEvent.Garbled;
import loomgate.server.master.MasterEvent.Ready;
import loomgate.server.master.MasterEvent.SpawnFailed;
import loomgate.server.master.MasterEvent.Spawned;
import loomgate.server.master.MasterEvent.StopRequested;
import loomgate.server.os.ExitStatus;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Worker n has pid 100 + n at first, 200 + n as its own successor, and so on. Time is in milliseconds from an
/// arbitrary reading of the clock, which is negative so that no comparison can depend on its sign.
class WorkerTableTest {

    private static final long EPOCH = Long.MIN_VALUE / 2;
    private static final Duration MERCY = Duration.ofSeconds(60);
    private static final long KILL_AFTER_MS = MERCY.plus(WorkerTable.EXIT_MARGIN).toMillis();

    private static final ExitStatus STOPPED = new ExitStatus.Exited(0);
    private static final ExitStatus CRASHED = new ExitStatus.Killed(11);

    private WorkerTable table = new WorkerTable(2, MERCY, EPOCH);
    private long now; // ms

    @Nested
    class FirstStart {

        @Test
        void onlyTheFirstWorkerIsSpawned() {
            assertEquals(List.of(new Spawn(1)), due());
            apply(new Spawned(1, 101));
            assertEquals(List.of(), due());
            assertInstanceOf(WorkerState.Missing.class, table.state(2));
        }

        @Test
        void othersFollowWhenItIsReady() {
            spawn(1, 101);
            apply(new Ready(101, Vitals.UNKNOWN));
            assertEquals(List.of(new Spawn(2)), due());
        }

        @Test
        void anApplicationThatCannotLoadEndsTheMasterWithItsCode() {
            spawn(1, 101);
            apply(new Exited(101, new ExitStatus.Exited(22)));
            assertEnd(ExitCode.APPLICATION_CANNOT_LOAD);
        }

        @Test
        void anyOtherEndBeforeReadyIsAWorkerThatDies() {
            spawn(1, 101);
            apply(new Exited(101, new ExitStatus.Exited(1)));
            assertEnd(ExitCode.WORKERS_DIE);
        }

        @Test
        void aSignalBeforeReadyIsAWorkerThatDies() {
            spawn(1, 101);
            apply(new Exited(101, new ExitStatus.Killed(9)));
            assertEnd(ExitCode.WORKERS_DIE);
        }

        @Test
        void aStatusOfZeroBeforeReadyIsNoSuccess() {
            spawn(1, 101);
            apply(new Exited(101, STOPPED));
            assertEnd(ExitCode.WORKERS_DIE);
        }

        @Test
        void aSpawnThatFailsEndsTheMaster() {
            assertEquals(List.of(new Spawn(1)), due());
            apply(new SpawnFailed(1));
            assertEnd(ExitCode.WORKERS_DIE);
        }

        @Test
        void failureIsReportedOnce() {
            spawn(1, 101);
            apply(new Exited(101, new ExitStatus.Exited(22)));
            assertEquals(1, table.due(at()).stream().filter(Report.class::isInstance).count());
        }

        @Test
        void stopWhileStartingIsNoFailure() {
            spawn(1, 101);
            apply(new StopRequested());
            assertEquals(List.of(new CloseListeners(), new AskToStop(101)), due());
            apply(new Exited(101, STOPPED));
            assertEquals(List.of(new Exit(ExitCode.STOPPED)), due());
        }

        @Test
        void stopBeforeAnythingIsSpawnedEnds() {
            apply(new StopRequested());
            assertEquals(List.of(new CloseListeners(), new Exit(ExitCode.STOPPED)), due());
        }

        /// The others never came, and nothing is left to do but to end.
        private void assertEnd(ExitCode code) {
            assertEquals(List.of(new CloseListeners(), new Exit(code)), due());
            assertEquals(OptionalLong.empty(), table.nextDeadline());
        }
    }

    @Nested
    class Replacement {

        @Test
        void aWorkerThatEndsIsReplacedAtOnce() {
            serve();
            now += 5_000;
            apply(new Exited(102, CRASHED));
            assertEquals(List.of(new Spawn(2)), due());
        }

        @Test
        void aWorkerThatEndsByItselfIsReplacedToo() {
            serve();
            now += 5_000;
            apply(new Exited(101, STOPPED));
            assertEquals(List.of(new Spawn(1)), due());
        }

        @Test
        void delayGrowsWithEachShortLife() {
            serve();
            long[] expected = {0, 100, 200, 400, 800};
            int pid = 101;
            for (long delay : expected) {
                apply(new Exited(pid, CRASHED));
                assertSpawnAfter(1, delay);
                pid += 100;
                apply(new Spawned(1, pid));
                apply(new Ready(pid, Vitals.UNKNOWN));
                now += 999;
            }
        }

        @Test
        void aLongLifeEndsTheSeries() {
            serve();
            apply(new Exited(101, CRASHED));
            assertSpawnAfter(1, 0);
            apply(new Spawned(1, 201));
            apply(new Ready(201, Vitals.UNKNOWN));
            apply(new Exited(201, CRASHED));
            assertSpawnAfter(1, 100);
            apply(new Spawned(1, 301));
            apply(new Ready(301, Vitals.UNKNOWN));
            now += BackOff.SHORT_LIFE.toMillis();
            apply(new Exited(301, CRASHED));
            assertSpawnAfter(1, 0);
        }

        @Test
        void replacementsThatNeverGetReadyAreDelayedWithoutEndingTheMaster() {
            serve();
            now += 5_000;
            apply(new Exited(101, CRASHED));
            assertSpawnAfter(1, 0);
            for (long delay : new long[] {100, 200, 400}) {
                apply(new Spawned(1, 201));
                now += 10_000; // however long the loading took, it was not a life
                apply(new Exited(201, new ExitStatus.Exited(22)));
                assertSpawnAfter(1, delay);
            }
        }

        @Test
        void aSpawnThatFailsLaterIsTriedAgain() {
            serve();
            now += 5_000;
            apply(new Exited(101, CRASHED));
            assertSpawnAfter(1, 0);
            apply(new SpawnFailed(1));
            assertSpawnAfter(1, 100);
            apply(new SpawnFailed(1));
            assertSpawnAfter(1, 200);
        }

        @Test
        void oneWorkersDeathsDoNotDelayAnother() {
            serve();
            apply(new Exited(101, CRASHED));
            assertSpawnAfter(1, 0);
            apply(new SpawnFailed(1));
            apply(new Exited(102, CRASHED));
            assertEquals(List.of(new Spawn(2)), due());
        }

        @Test
        void everyEndIsReportedWithTheWorkersNameAndItsStatus() {
            serve();
            apply(new Exited(102, new ExitStatus.Killed(9)));
            assertTrue(table.due(at()).stream().anyMatch(action -> action instanceof Report(_, String text)
                    && text.equals("worker 2 gen 1 pid 102 was killed by signal 9")));
        }
    }

    @Nested
    class Stop {

        @Test
        void servingWorkersAreAskedAndListenersGivenUp() {
            serve();
            apply(new StopRequested());
            assertEquals(List.of(new CloseListeners(), new AskToStop(101), new AskToStop(102)), due());
            apply(new Exited(101, STOPPED));
            assertEquals(List.of(), due());
            apply(new Exited(102, STOPPED));
            assertEquals(List.of(new Exit(ExitCode.STOPPED)), due());
        }

        @Test
        void exitIsHandedOutOnce() {
            serve();
            apply(new StopRequested());
            apply(new Exited(101, STOPPED));
            apply(new Exited(102, STOPPED));
            due();
            assertEquals(List.of(), due());
        }

        @Test
        void nothingIsReplacedAnyMore() {
            serve();
            apply(new StopRequested());
            due();
            apply(new Exited(101, CRASHED));
            now += 100_000_000;
            assertFalse(table.due(at()).stream().anyMatch(Spawn.class::isInstance));
        }

        @Test
        void aReplacementThatIsStartingIsAskedToo() {
            serve();
            now += 5_000;
            apply(new Exited(102, CRASHED));
            due();
            apply(new Spawned(2, 202));
            apply(new StopRequested());
            assertEquals(List.of(new CloseListeners(), new AskToStop(101), new AskToStop(202)), due());
            apply(new Exited(202, STOPPED));
            apply(new Exited(101, STOPPED));
            assertEquals(List.of(new Exit(ExitCode.STOPPED)), due());
        }

        @Test
        void duringBackOffNobodyIsWaitedFor() {
            table = new WorkerTable(1, MERCY, EPOCH);
            spawn(1, 101);
            apply(new Ready(101, Vitals.UNKNOWN));
            apply(new Exited(101, CRASHED));
            due();
            apply(new SpawnFailed(1));
            apply(new StopRequested());
            assertEquals(List.of(new CloseListeners(), new Exit(ExitCode.STOPPED)), due());
            assertEquals(OptionalLong.empty(), table.nextDeadline());
        }

        @Test
        void aWorkerThatFailsWhileItStopsHasCutRequestsShort() {
            serve();
            apply(new StopRequested());
            apply(new Exited(101, new ExitStatus.Exited(75)));
            apply(new Exited(102, STOPPED));
            assertEquals(new Exit(ExitCode.CUT_SHORT), table.due(at()).getLast());
        }

        @Test
        void aWorkerThatCrashesWhileItStopsHasCutRequestsShort() {
            serve();
            apply(new StopRequested());
            apply(new Exited(101, STOPPED));
            apply(new Exited(102, CRASHED));
            assertEquals(new Exit(ExitCode.CUT_SHORT), table.due(at()).getLast());
        }

        @Test
        void whoDoesNotEndInTimeIsKilled() {
            serve();
            apply(new StopRequested());
            due();
            apply(new Exited(102, STOPPED));
            now += KILL_AFTER_MS - 1;
            assertEquals(List.of(), due());
            now++;
            assertEquals(List.of(new Kill(101)), due());
            assertEquals(List.of(), due());
            apply(new Exited(101, new ExitStatus.Killed(9)));
            assertEquals(List.of(new Exit(ExitCode.CUT_SHORT)), due());
        }

        @Test
        void secondRequestKills() {
            serve();
            apply(new StopRequested());
            apply(new Exited(102, STOPPED));
            due();
            apply(new StopRequested());
            assertEquals(List.of(new Kill(101)), due());
            apply(new StopRequested());
            assertEquals(List.of(), due());
            apply(new Exited(101, new ExitStatus.Killed(9)));
            assertEquals(List.of(new Exit(ExitCode.CUT_SHORT)), due());
        }

        @Test
        void secondRequestWhileTheWorkerOfAFailedStartIsGoneChangesNoCode() {
            spawn(1, 101);
            apply(new Exited(101, new ExitStatus.Exited(22)));
            apply(new StopRequested());
            assertEquals(List.of(new CloseListeners(), new Exit(ExitCode.APPLICATION_CANNOT_LOAD)), due());
        }
    }

    @Nested
    class TermToAWorker {

        @Test
        void itIsDrainedAMomentLaterAndReplacedWhenItIsGone() {
            serve();
            apply(new ReplaceRequested(102, EndCause.TERMINATED, ""));
            assertEquals(List.of(), due());
            assertEquals(OptionalLong.of(at() + WorkerTable.LEAVING_PAUSE.toNanos()), table.nextDeadline());
            now += WorkerTable.LEAVING_PAUSE.toMillis();
            assertEquals(List.of(new AskToDrain(102)), due());
            assertEquals(List.of(), due());
            now += 10_000;
            apply(new Exited(102, STOPPED));
            assertEquals(List.of(new Spawn(2)), due());
        }

        @Test
        void aStopThatFollowsAtOnceTurnsItIntoAStop() {
            serve();
            apply(new ReplaceRequested(101, EndCause.TERMINATED, ""));
            apply(new ReplaceRequested(102, EndCause.TERMINATED, ""));
            apply(new StopRequested());
            assertEquals(List.of(new CloseListeners(), new AskToStop(101), new AskToStop(102)), due());
        }

        @Test
        void aStopReachesAWorkerThatDrains() {
            drain(102);
            apply(new StopRequested());
            assertEquals(List.of(new CloseListeners(), new AskToStop(101), new AskToStop(102)), due());
        }

        @Test
        void whoDoesNotEndInTimeIsKilledAndReplacedAndTheServerGoesOn() {
            drain(102);
            now += KILL_AFTER_MS;
            assertEquals(List.of(new Kill(102)), due());
            apply(new Exited(102, new ExitStatus.Killed(9)));
            assertEquals(List.of(new Spawn(2)), due());
            apply(new Spawned(2, 202));
            apply(new StopRequested());
            apply(new Exited(101, STOPPED));
            apply(new Exited(202, STOPPED));
            assertEquals(new Exit(ExitCode.STOPPED), table.due(at()).getLast());
        }

        @Test
        void toBeAskedToEndIsNoShortLife() {
            serve();
            for (int pid : new int[] {102, 202, 302}) {
                apply(new ReplaceRequested(pid, EndCause.TERMINATED, ""));
                apply(new Exited(pid, STOPPED));
                assertSpawnAfter(2, 0);
                apply(new Spawned(2, pid + 100));
                apply(new Ready(pid + 100, Vitals.UNKNOWN));
            }
        }

        @Test
        void askedAgainItGetsNoMoreTime() {
            serve();
            apply(new ReplaceRequested(102, EndCause.TERMINATED, ""));
            OptionalLong deadline = table.nextDeadline();
            now += 100;
            apply(new ReplaceRequested(102, EndCause.TERMINATED, ""));
            assertEquals(deadline, table.nextDeadline());
        }

        private void drain(int pid) {
            serve();
            apply(new ReplaceRequested(pid, EndCause.TERMINATED, ""));
            now += WorkerTable.LEAVING_PAUSE.toMillis();
            assertEquals(List.of(new AskToDrain(pid)), due());
        }
    }

    @Nested
    class WhatCannotBeUnderstood {

        @Test
        void endsAWorkerAndItIsReplaced() {
            serve();
            now += 5_000;
            apply(new Garbled(102));
            assertEquals(List.of(new Kill(102)), due());
            apply(new Garbled(102));
            assertEquals(List.of(), due());
            apply(new Exited(102, new ExitStatus.Killed(9)));
            assertEquals(List.of(new Spawn(2)), due());
        }

        @Test
        void endsAFirstStart() {
            spawn(1, 101);
            apply(new Garbled(101));
            assertEquals(List.of(new Kill(101)), due());
            apply(new Exited(101, new ExitStatus.Killed(9)));
            assertEquals(List.of(new CloseListeners(), new Exit(ExitCode.WORKERS_DIE)), due());
        }
    }

    @Nested
    class LateAndForeignEvents {

        @Test
        void childThatEndedCountsWhenItIsReaped() {
            serve();
            apply(new ChildEnded(101));
            assertEquals(List.of(), due());
            assertInstanceOf(WorkerState.Serving.class, table.state(1));
        }

        @Test
        void readyAfterTheKillIsIgnored() {
            spawn(1, 101);
            apply(new Garbled(101));
            assertEquals(List.of(new Kill(101)), due());
            apply(new Ready(101, Vitals.UNKNOWN));
            assertEquals(new WorkerState.Killed(101), table.state(1));
            assertEquals(List.of(), due());
        }

        @Test
        void readyWhileStoppingIsIgnored() {
            serve();
            apply(new StopRequested());
            due();
            apply(new Ready(101, Vitals.UNKNOWN));
            assertInstanceOf(WorkerState.Stopping.class, table.state(1));
        }

        @Test
        void readyAgainDoesNotStartTheLifeAnew() {
            serve();
            WorkerState before = table.state(1);
            now += 500;
            apply(new Ready(101, Vitals.UNKNOWN));
            assertEquals(before, table.state(1));
        }

        @Test
        void readyAfterTheEndIsIgnored() {
            serve();
            now += 5_000;
            apply(new Exited(101, CRASHED));
            apply(new Ready(101, Vitals.UNKNOWN));
            assertInstanceOf(WorkerState.Missing.class, table.state(1));
        }

        @Test
        void endsOfOthersChildrenAreIgnored() {
            serve();
            apply(new Exited(4711, CRASHED));
            assertEquals(List.of(), due());
            assertEquals(List.of(), table.due(at()));
        }

        @Test
        void endsOfOthersChildrenAreIgnoredWhileThereIsNoWorker() {
            apply(new Exited(4711, CRASHED));
            assertEquals(List.of(new Spawn(1)), due());
        }
    }

    @Nested
    class NextDeadline {

        @Test
        void thereIsNoneWhileAllServe() {
            serve();
            assertEquals(OptionalLong.empty(), table.nextDeadline());
        }

        @Test
        void itIsTheEarliestOfAllWorkers() {
            serve();
            apply(new Exited(101, CRASHED));
            due();
            apply(new SpawnFailed(1));
            apply(new SpawnFailed(1));
            apply(new Exited(102, CRASHED));
            due();
            apply(new SpawnFailed(2));
            assertEquals(OptionalLong.of(at() + 100_000_000), table.nextDeadline());
        }

        @Test
        void workersThatWaitForTheFirstHaveNone() {
            spawn(1, 101);
            assertEquals(OptionalLong.empty(), table.nextDeadline());
        }

        @Test
        void itIsTheKillWhileStopping() {
            serve();
            apply(new StopRequested());
            due();
            assertEquals(OptionalLong.of(at() + KILL_AFTER_MS * 1_000_000), table.nextDeadline());
        }
    }

    private long at() {
        return EPOCH + now * 1_000_000;
    }

    private void apply(MasterEvent event) {
        table.apply(event, at());
    }

    /// What is to be done, without what is only said.
    private List<Action> due() {
        return table.due(at()).stream().filter(action -> !(action instanceof Report)).toList();
    }

    private void spawn(int worker, int pid) {
        assertEquals(List.of(new Spawn(worker)), due());
        apply(new Spawned(worker, pid));
    }

    /// Gets to where both workers serve.
    private void serve() {
        spawn(1, 101);
        apply(new Ready(101, Vitals.UNKNOWN));
        spawn(2, 102);
        apply(new Ready(102, Vitals.UNKNOWN));
        assertEquals(List.of(), due());
    }

    private void assertSpawnAfter(int worker, long delay) {
        if (delay > 0) {
            assertEquals(List.of(), due());
            assertEquals(OptionalLong.of(at() + delay * 1_000_000), table.nextDeadline());
            now += delay - 1;
            assertEquals(List.of(), due());
            now++;
        }
        assertEquals(List.of(new Spawn(worker)), due());
    }
}
