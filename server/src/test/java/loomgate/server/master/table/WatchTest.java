package loomgate.server.master.table;

import static loomgate.server.master.table.TestTable.KILLED;
import static loomgate.server.master.table.TestTable.MB;
import static loomgate.server.master.table.TestTable.STOPPED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import loomgate.server.control.EndCause;
import loomgate.server.control.ExitCode;
import loomgate.server.control.Vitals;
import loomgate.server.master.table.Action.AskToDrain;
import loomgate.server.master.table.Action.AskToStop;
import loomgate.server.master.table.Action.CloseListeners;
import loomgate.server.master.table.Action.DropGeneration;
import loomgate.server.master.table.Action.Dump;
import loomgate.server.master.table.Action.Exit;
import loomgate.server.master.table.Action.Kill;
import loomgate.server.master.table.Action.ReloadEnded;
import loomgate.server.master.table.Action.Report;
import loomgate.server.master.table.Action.Report.Severity;
import loomgate.server.master.table.Action.Spawn;
import loomgate.server.master.table.TableEvent.Alive;
import loomgate.server.master.table.TableEvent.MemorySeen;
import loomgate.server.master.table.TableEvent.Ready;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What [WorkerTable] finds out about workers: that they are not heard of, do not get ready, have too much memory.
class WatchTest {

    private TestTable test = TestTable.twoServing();

    @Nested
    class Promises {

        @Test
        void oneThatIsKeptChangesNothing() {
            for (int i = 0; i < 10; i++) {
                test.alive(101, 3_000);
                test.assertDue();
                test.assertNextIn(3_000);
                test.pass(2_999);
            }
        }

        @Test
        void withoutOneNobodyIsWaitedFor() {
            test.pass(1_000_000_000);
            test.assertDue();
        }

        @Test
        void oneThatIsBrokenCostsThreadDumpAndReplacement() {
            test.alive(101, 3_000);
            test.assertDueAfter(3_000, new Dump(101), new Spawn(1, 1));
            assertTrue(test.reports.stream().anyMatch(report -> report.severity() == Severity.ERROR));
            test.apply(new TableEvent.Spawned(1, 1, 201));
            test.assertNextIn(TestTable.START_TIMEOUT.toMillis());
            test.pass(4_000);
            test.assertDue();
            test.ready(201);
            test.assertDue(new Kill(101));
            test.exited(101, KILLED);
            test.assertDue();
            assertEquals(EndCause.UNRESPONSIVE, test.lastEnd().cause());
        }

        @Test
        void oneThatIsGivenAgainSavesTheRequestsOfTheOldWorker() {
            test.alive(101, 3_000);
            test.pass(3_000);
            test.assertDue(new Dump(101), new Spawn(1, 1));
            test.apply(new TableEvent.Spawned(1, 1, 201));
            test.pass(2_000);
            test.alive(101, 3_000);
            test.ready(201);
            test.assertDue(new AskToDrain(101));
            test.exited(101, STOPPED);
            test.due();
            assertEquals(Severity.WARNING, test.lastReport().severity());
        }

        @Test
        void oneThatIsBrokenTwiceIsToldOnce() {
            test.alive(101, 3_000);
            test.pass(3_000);
            test.spawnedAfterDump(101, 1, 201);
            test.alive(101, 1_000);
            test.pass(2_000);
            test.assertDue();
            test.ready(201);
            test.assertDue(new Kill(101));
        }

        @Test
        void ofAnUnfitWorkerMakeItUrgent() {
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.spawned(2, 202);
            test.replaceRequested(101, EndCause.MAX_REQUESTS);
            test.alive(101, 3_000);
            test.ready(202);
            test.assertDue(new AskToDrain(102));
            test.assertDueAfter(3_000, new Dump(101), new Spawn(1, 1));
            assertEquals(EndCause.UNRESPONSIVE, test.table.life(101).orElseThrow().cause());
        }

        @Test
        void ofOneThatDrainsAreOfNoMatter() {
            test.alive(101, 3_000);
            test.replaceRequested(101, EndCause.MAX_REQUESTS);
            test.spawned(1, 201);
            test.ready(201);
            test.assertDue(new AskToDrain(101));
            test.alive(101, 1_000);
            test.assertDueAfter(TestTable.KILL_AFTER_MS, new Kill(101));
        }

        @Test
        void beforeItIsReadyDoNotCount() {
            test.exited(101, KILLED);
            test.spawned(1, 201);
            test.alive(201, 1_000);
            test.ready(201);
            test.pass(2_000);
            test.assertDue();
        }

        @Test
        void theFirstIsGivenByBeingReady() {
            test = new TestTable(TestTable.watched(1, Duration.ofSeconds(30)));
            test.spawned(1, 101);
            test.pass(1_000);
            test.ready(101);
            test.assertDueAfter(30_000, new Dump(101), new Spawn(1, 1));
        }

        @Test
        void areGivenByWhatIsSaidAfterThat() {
            test = TestTable.serving(TestTable.watched(1, Duration.ofSeconds(30)));
            test.alive(101, 30_000);
            test.assertNextIn(30_000);
        }

        @Test
        void areThoseOfTheGenerationFromReadyOn() {
            test = TestTable.serving(TestTable.watched(2, Duration.ofSeconds(30)));
            test.reload(2, TestTable.watched(2, Duration.ofSeconds(2)));
            test.due();
            test.apply(new TableEvent.Spawned(1, 2, 201));
            test.ready(201);
            test.due();
            test.pass(1_999);
            test.assertDue();
            test.pass(1);
            test.assertDue(new Dump(201), new Spawn(1, 2));
            assertInstanceOf(WorkerState.Unfit.class, test.state(102));
            assertEquals(EndCause.RELOAD, test.table.life(102).orElseThrow().cause()); // it has its 30 seconds
        }

        @Test
        void ofOneThatIsLateForItsGenerationAreStillThatOnes() {
            test = TestTable.serving(TestTable.watched(2, Duration.ofSeconds(30)));
            test.exited(102, KILLED);
            test.spawned(2, 202);
            test.reload(2, TestTable.watched(2, Duration.ofSeconds(2)));
            test.due();
            test.apply(new TableEvent.Spawned(1, 2, 201));
            test.ready(201);
            test.due();
            test.exited(101, STOPPED);
            test.alive(201, 100_000);
            test.ready(202);
            test.pass(2_000);
            test.due();
            assertEquals(EndCause.RELOAD, test.table.life(202).orElseThrow().cause());
        }

        @Test
        void ofAllThatAreBrokenAtOnceAreReplacedOneAtATime() {
            test.alive(101, 3_000);
            test.alive(102, 3_000);
            test.pass(3_000);
            test.assertDue(new Dump(101), new Dump(102), new Spawn(1, 1));
            test.apply(new TableEvent.Spawned(1, 1, 201));
            test.assertDue();
            test.ready(201);
            test.assertDue(new Kill(101), new Spawn(2, 1));
        }

        @Test
        void ofOneWhoseKillTakesLongHoldsUpNobody() {
            test.alive(101, 3_000);
            test.pass(3_000);
            test.spawnedAfterDump(101, 1, 201);
            test.ready(201);
            test.assertDue(new Kill(101));
            test.exited(201, KILLED);
            test.assertDue(new Spawn(1, 1));
        }
    }

    @Nested
    class StartTimeout {

        @Test
        void ofASuccessorLeavesTheOldOneServing() {
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.spawned(2, 202);
            test.assertDueAfter(TestTable.START_TIMEOUT.toMillis(), new Dump(202));
            test.assertDueAfter(WorkerTable.DUMP_PAUSE.toMillis(), new Kill(202));
            assertInstanceOf(WorkerState.Unfit.class, test.state(102));
            test.exited(202, KILLED);
            test.assertSpawnAfter(2, 0);
            assertEquals(EndCause.START_TIMEOUT, test.lastEnd().cause());
        }

        @Test
        void isOverWhenItIsReady() {
            test.exited(101, KILLED);
            test.spawned(1, 201);
            test.pass(TestTable.START_TIMEOUT.toMillis() - 1);
            test.ready(201);
            test.assertNothingNext();
        }

        @Test
        void oneThatEndsAfterTheDumpIsNotKilled() {
            test.exited(101, KILLED);
            test.spawned(1, 201);
            test.assertDueAfter(TestTable.START_TIMEOUT.toMillis(), new Dump(201));
            test.exited(201, STOPPED);
            test.assertDueAfter(100, new Spawn(1, 1));
        }
    }

    @Nested
    class EvilLimits {

        @Test
        void residentMemoryKillsAtOnce() {
            test = TestTable.serving(2, TestTable.evilLimits(0, 90));
            test.apply(new MemorySeen(101, 0, 90 * MB - 1));
            test.assertDue();
            test.apply(new MemorySeen(101, 0, 95_354_880));
            test.assertDue(new Kill(101));
            assertEquals(new Report(Severity.WARNING, "*** EVIL RELOAD ON WORKER 1 RSS: 95354880 (pid: 101) ***"),
                    test.lastReport());
            test.apply(new MemorySeen(101, 0, 95_354_880));
            test.assertDue();
            test.exited(101, KILLED);
            test.assertDue(new Spawn(1, 1));
            assertEquals(EndCause.EVIL_RESIDENT_MEMORY, test.lastEnd().cause());
            assertEquals(95_354_880, test.lastEnd().vitals().resident());
        }

        @Test
        void addressSpaceThatTheWorkerTellsCountsAsWell() {
            test = TestTable.serving(2, TestTable.evilLimits(1, 0));
            test.apply(new Alive(102, test.in(3_000), new Vitals(12, MB, 0)));
            test.assertDue(new Kill(102));
            assertEquals("*** EVIL RELOAD ON WORKER 2 ADDRESS SPACE: 1048576 (pid: 102) ***", test.lastReport().text());
        }

        @Test
        void aShortLifeIsOneAllTheSame() {
            test = TestTable.serving(1, TestTable.evilLimits(0, 90));
            int pid = 101;
            for (long delay : new long[] {0, 100, 200}) {
                test.apply(new MemorySeen(pid, 0, 100 * MB));
                test.assertDue(new Kill(pid));
                test.exited(pid, KILLED);
                test.assertSpawnAfter(1, delay);
                pid += 100;
                test.apply(new TableEvent.Spawned(1, 1, pid));
                test.ready(pid);
            }
        }

        @Test
        void oneThatDrainsIsKilledToo() {
            test = TestTable.serving(2, TestTable.evilLimits(0, 90));
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.spawned(2, 202);
            test.ready(202);
            test.assertDue(new AskToDrain(102));
            test.apply(new MemorySeen(102, 0, 100 * MB));
            test.assertDue(new Kill(102));
            test.exited(102, KILLED);
            test.assertDue();
        }

        @Test
        void anUnfitOneIsFollowedByTheSuccessorThatStarts() {
            test = TestTable.serving(2, TestTable.evilLimits(0, 90));
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.spawned(2, 202);
            test.apply(new MemorySeen(102, 0, 100 * MB));
            test.assertDue(new Kill(102));
            test.ready(202);
            test.assertDue();
            test.exited(102, KILLED);
            test.assertDue();
        }

        @Test
        void aSuccessorThatIsBeyondThemTakesNobodysPlace() {
            test = TestTable.serving(2, TestTable.evilLimits(0, 90));
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.spawned(2, 202);
            test.apply(new Ready(202, new Vitals(0, 0, 100 * MB)));
            test.assertDue(new Kill(202));
            assertInstanceOf(WorkerState.Unfit.class, test.state(102));
            test.exited(202, KILLED);
            test.assertSpawnAfter(2, 0);
        }

        @Test
        void oneThatAGenerationBringsAndItsFirstWorkerReachesRefusesIt() {
            test.reload(2, TestTable.settings(2, TestTable.evilLimits(0, 90)));
            test.due();
            test.apply(new TableEvent.Spawned(1, 2, 201));
            test.apply(new MemorySeen(101, 0, 100 * MB));
            test.assertDue();
            test.apply(new Ready(201, new Vitals(0, 0, 100 * MB)));
            test.assertDue(new Kill(201));
            test.exited(201, KILLED);
            test.assertDue(new ReloadEnded(false, "generation 2 is not fit, generation 1 serves on: "
                    + test.lastEnd()), new DropGeneration(2));
            assertInstanceOf(WorkerState.Serving.class, test.state(101));
        }

        @Test
        void oneThatAGenerationRaisesDoesNotRefuseIt() {
            test = TestTable.serving(2, TestTable.evilLimits(0, 90));
            test.reload(2, TestTable.settings(2, TestTable.evilLimits(0, 200)));
            test.due();
            test.apply(new TableEvent.Spawned(1, 2, 201));
            test.apply(new MemorySeen(201, 0, 100 * MB));
            test.apply(new Ready(201, new Vitals(0, 0, 100 * MB)));
            assertTrue(test.due().contains(new AskToDrain(101)));
            assertInstanceOf(WorkerState.Serving.class, test.state(201));
        }

        @Test
        void oneThatAReloadHasBroughtCountsForWorkersOfTheGenerationBefore() {
            test.reload(2, TestTable.settings(2, TestTable.evilLimits(0, 90)));
            test.due();
            test.apply(new TableEvent.Spawned(1, 2, 201));
            test.ready(201);
            test.due();
            test.apply(new MemorySeen(102, 0, 100 * MB));
            test.assertDue(new Kill(102));
        }

        @Test
        void onTheFirstStartTheConfigurationIsWrong() {
            test = new TestTable(2, TestTable.evilLimits(0, 90));
            test.spawned(1, 101);
            test.apply(new MemorySeen(101, 0, 100 * MB));
            test.assertDue(new Kill(101));
            test.exited(101, KILLED);
            test.assertEnd(ExitCode.CONFIGURATION_WRONG);
        }
    }

    @Nested
    class LimitsBelowAFreshWorker {

        private static final Vitals FRESH = new Vitals(0, 634 * MB - 1, 80 * MB);

        @Test
        void endTheFirstStart() {
            test = new TestTable(2, TestTable.softLimits(100, 0));
            test.spawned(1, 101);
            test.apply(new Ready(101, FRESH));
            test.assertDue(new CloseListeners(), new AskToStop(101));
            assertEquals(new Report(Severity.ERROR,
                    "reload-on-as = 100: a fresh worker has 634 MB already; give at least 800"), test.lastReport());
            test.exited(101, STOPPED);
            test.assertDue(new Exit(ExitCode.CONFIGURATION_WRONG));
        }

        @Test
        void endItForEachOption() {
            test = new TestTable(1, TestTable.evilLimits(0, 80));
            test.spawned(1, 101);
            test.apply(new Ready(101, FRESH));
            test.due();
            assertEquals("evil-reload-on-rss = 80: a fresh worker has 80 MB already; give at least 100",
                    test.lastReport().text());
        }

        @Test
        void areAWarningLater() {
            test = TestTable.serving(2, TestTable.softLimits(0, 80));
            test.exited(101, KILLED);
            test.spawned(1, 201);
            test.apply(new Ready(201, FRESH));
            test.assertDue();
            assertEquals(new Report(Severity.WARNING, "worker 1 gen 1 pid 201: reload-on-rss = 80: a fresh worker has "
                    + "80 MB already; give at least 100"), test.lastReport());
        }

        @Test
        void areNotReachedByLess() {
            test = new TestTable(1, TestTable.softLimits(634, 81));
            test.spawned(1, 101);
            test.apply(new Ready(101, FRESH));
            test.assertDue();
        }
    }
}
