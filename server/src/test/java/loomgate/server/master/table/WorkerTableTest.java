package loomgate.server.master.table;

import static loomgate.server.master.table.TestTable.CANNOT_LOAD;
import static loomgate.server.master.table.TestTable.CRASHED;
import static loomgate.server.master.table.TestTable.KILLED;
import static loomgate.server.master.table.TestTable.STOPPED;
import static loomgate.server.master.table.TestTable.UNLIMITED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import loomgate.server.control.EndCause;
import loomgate.server.control.ExitCode;
import loomgate.server.control.Vitals;
import loomgate.server.control.WorkerLabel;
import loomgate.server.master.table.Action.Dump;
import loomgate.server.master.table.Action.Kill;
import loomgate.server.master.table.Action.Report;
import loomgate.server.master.table.Action.Report.Severity;
import loomgate.server.master.table.Action.Spawn;
import loomgate.server.master.table.TableEvent.Garbled;
import loomgate.server.master.table.TableEvent.MemorySeen;
import loomgate.server.master.table.TableEvent.Ready;
import loomgate.server.master.table.TableEvent.ReplaceRequested;
import loomgate.server.master.table.TableEvent.SpawnFailed;
import loomgate.server.master.table.TableEvent.Spawned;
import loomgate.server.os.ExitStatus;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// How workers come, and what becomes of them when nobody asked for it. [StopTest], [ReplacementsTest] and
/// [WatchTest] have the rest of the table.
class WorkerTableTest {

    @Nested
    class FirstStart {

        private final TestTable test = TestTable.ofTwo();

        @Test
        void onlyTheFirstWorkerIsSpawned() {
            test.spawned(1, 101);
            test.assertDue();
        }

        @Test
        void othersFollowWhenItIsReady() {
            test.spawned(1, 101);
            test.ready(101);
            test.assertDue(new Spawn(2, 1));
        }

        @Test
        void othersAllStartTogether() {
            TestTable three = new TestTable(3, UNLIMITED);
            three.spawned(1, 101);
            three.ready(101);
            three.assertDue(new Spawn(2, 1), new Spawn(3, 1));
        }

        @Test
        void anApplicationThatCannotLoadEndsTheMasterWithItsCode() {
            test.spawned(1, 101);
            test.exited(101, CANNOT_LOAD);
            test.assertEnd(ExitCode.APPLICATION_CANNOT_LOAD);
        }

        @Test
        void aConstructorThatExitsIsAnApplicationThatCannotLoad() {
            test.spawned(1, 101);
            test.apply(new ReplaceRequested(101, EndCause.EXIT_CALLED, "status 0 at shop.App.<init>(App.java:7)"));
            test.exited(101, STOPPED);
            test.assertEnd(ExitCode.APPLICATION_CANNOT_LOAD);
            assertEquals(Severity.ERROR, test.lastReport().severity());
            assertTrue(test.lastReport().text().contains("System.exit (status 0 at shop.App.<init>(App.java:7))"));
        }

        @Test
        void anyOtherEndBeforeReadyIsAWorkerThatDies() {
            test.spawned(1, 101);
            test.exited(101, new ExitStatus.Exited(1));
            test.assertEnd(ExitCode.WORKERS_DIE);
        }

        @Test
        void aSignalBeforeReadyIsAWorkerThatDies() {
            test.spawned(1, 101);
            test.exited(101, KILLED);
            test.assertEnd(ExitCode.WORKERS_DIE);
        }

        @Test
        void aStatusOfZeroBeforeReadyIsNoSuccess() {
            test.spawned(1, 101);
            test.exited(101, STOPPED);
            test.assertEnd(ExitCode.WORKERS_DIE);
        }

        @Test
        void aSpawnThatFailsEndsTheMaster() {
            test.assertDue(new Spawn(1, 1));
            test.apply(new SpawnFailed(1, 1));
            test.assertEnd(ExitCode.WORKERS_DIE);
        }

        @Test
        void whatCannotBeUnderstoodEndsTheMaster() {
            test.spawned(1, 101);
            test.apply(new Garbled(101));
            test.assertDue(new Kill(101));
            test.exited(101, KILLED);
            test.assertEnd(ExitCode.WORKERS_DIE);
        }

        @Test
        void oneThatTakesTooLongIsDumpedKilledAndEndsTheMaster() {
            test.spawned(1, 101);
            test.assertDueAfter(TestTable.START_TIMEOUT.toMillis(), new Dump(101));
            assertEquals(Severity.ERROR, test.lastReport().severity());
            test.assertDueAfter(WorkerTable.DUMP_PAUSE.toMillis(), new Kill(101));
            test.assertNothingNext();
            test.exited(101, KILLED);
            test.assertEnd(ExitCode.WORKERS_DIE);
            assertEquals(EndCause.START_TIMEOUT, test.lastEnd().cause());
        }

        @Test
        void failureIsReportedOnce() {
            test.spawned(1, 101);
            test.exited(101, CANNOT_LOAD);
            test.due();
            assertEquals(List.of(new Report(Severity.ERROR, "worker 1 gen 1 pid 101 ended: failed start, exited with "
                    + "status 22 before it was ready, after 0 ms")), test.reports);
        }
    }

    @Nested
    class Loss {

        private final TestTable test = TestTable.twoServing();

        @Test
        void aWorkerThatEndsIsReplacedAtOnce() {
            test.exited(102, CRASHED);
            test.assertDue(new Spawn(2, 1));
        }

        @Test
        void aWorkerThatEndsByItselfIsReplacedToo() {
            test.exited(101, STOPPED);
            test.assertDue(new Spawn(1, 1));
        }

        @Test
        void delayGrowsWithEachShortLife() {
            int pid = 101;
            for (long delay : new long[] {0, 100, 200, 400, 800}) {
                test.exited(pid, CRASHED);
                test.assertSpawnAfter(1, delay);
                pid += 100;
                test.apply(new Spawned(1, 1, pid));
                test.ready(pid);
                test.pass(999);
            }
        }

        @Test
        void aLongLifeEndsTheSeries() {
            test.exited(101, CRASHED);
            test.spawned(1, 201);
            test.ready(201);
            test.exited(201, CRASHED);
            test.assertSpawnAfter(1, 100);
            test.apply(new Spawned(1, 1, 301));
            test.ready(301);
            test.pass(BackOff.SHORT_LIFE.toMillis());
            test.exited(301, CRASHED);
            test.assertSpawnAfter(1, 0);
        }

        @Test
        void startsThatFailAreDelayedWithoutEndingTheMaster() {
            test.exited(101, CRASHED);
            test.assertSpawnAfter(1, 0);
            for (long delay : new long[] {100, 200, 400}) {
                test.apply(new Spawned(1, 1, 201));
                test.pass(10_000); // however long the loading took, it was not a life
                test.exited(201, CANNOT_LOAD);
                test.assertSpawnAfter(1, delay);
            }
        }

        @Test
        void aStartThatTakesTooLongIsTriedAgainWhenItIsGone() {
            test.exited(101, CRASHED);
            test.spawned(1, 201);
            test.assertDueAfter(TestTable.START_TIMEOUT.toMillis(), new Dump(201));
            test.assertDueAfter(WorkerTable.DUMP_PAUSE.toMillis(), new Kill(201));
            test.pass(10_000);
            test.assertDue();
            test.exited(201, KILLED);
            test.assertSpawnAfter(1, 100);
        }

        @Test
        void aSpawnThatFailsIsTriedAgain() {
            test.exited(101, CRASHED);
            test.assertSpawnAfter(1, 0);
            test.apply(new SpawnFailed(1, 1));
            test.assertSpawnAfter(1, 100);
            test.apply(new SpawnFailed(1, 1));
            test.assertSpawnAfter(1, 200);
        }

        @Test
        void oneWorkersDeathsDoNotDelayAnother() {
            test.exited(101, CRASHED);
            test.assertSpawnAfter(1, 0);
            test.apply(new SpawnFailed(1, 1));
            test.exited(102, CRASHED);
            test.assertDue(new Spawn(2, 1));
        }

        @Test
        void whatCannotBeUnderstoodEndsAWorkerAndItIsReplaced() {
            test.apply(new Garbled(102));
            test.assertDue(new Kill(102));
            test.apply(new Garbled(102));
            test.assertDue();
            test.exited(102, KILLED);
            test.assertDue(new Spawn(2, 1));
            assertEquals(EndCause.GARBLED, test.lastEnd().cause());
        }
    }

    @Nested
    class Ends {

        private final TestTable test = TestTable.twoServing();

        @Test
        void aSignalIsNamed() {
            test.exited(102, KILLED);
            test.due();
            assertEquals(new Report(Severity.WARNING, "worker 2 gen 1 pid 102 ended: unexpected end, "
                    + "was killed by signal 9, by somebody or by the kernel for want of memory, after 5000 ms"),
                    test.lastReport());
        }

        @Test
        void anExitWithoutAWordIsNamed() {
            test.apply(new TableEvent.Alive(101, test.in(60_000),
                    new Vitals(487, 600 * TestTable.MB, 130 * TestTable.MB)));
            test.pass(56_000);
            test.exited(101, new ExitStatus.Exited(3));
            test.due();
            assertEquals(new Report(Severity.WARNING, "worker 1 gen 1 pid 101 ended: unexpected end, "
                    + "exited with status 3 without a word: Runtime.halt by the application, or exit by native code, "
                    + "after 61 s, 487 requests, rss 130 MB"), test.lastReport());
        }

        @Test
        void anExitThatWasSaidIsNamedByIt() {
            test.apply(new ReplaceRequested(101, EndCause.EXIT_CALLED, "status 3"));
            test.exited(101, new ExitStatus.Exited(3));
            test.due();
            assertEquals("worker 1 gen 1 pid 101 ended: System.exit (status 3), exited with status 3, after 5000 ms",
                    test.lastReport().text());
            assertEquals(Severity.WARNING, test.lastReport().severity());
        }

        @Test
        void whatAWorkerSaysStaysOnItsLine() {
            test.apply(new ReplaceRequested(101, EndCause.STUCK_REQUEST, "GET /a\n2026 ERROR forged\u001b[2J"));
            test.due();
            assertEquals("worker 1 gen 1 pid 101 will be replaced: stuck request (GET /a?2026 ERROR forged?[2J)",
                    test.lastReport().text());
        }

        @Test
        void theLedgerHasWhatIsKnown() {
            test.apply(new Ready(102, new Vitals(7, 8, 9)));
            test.exited(102, CRASHED);
            WorkerEnd expected = new WorkerEnd(new WorkerLabel(2, 1, 102), EndCause.UNEXPECTED, "", CRASHED,
                    Duration.ofMillis(5_000), new Vitals(7, 8, 9), Instant.EPOCH.plusMillis(5_000));
            assertEquals(List.of(expected), test.table.ends());
        }

        @Test
        void theLedgerForgetsTheOldest() {
            for (int pid = 1_000; pid < 1_000 + ExitLedger.MOST; pid++) {
                test.exited(pid == 1_000 ? 101 : pid - 1, CRASHED);
                test.pass(60_000);
                test.apply(new Spawned(1, 1, pid));
            }
            test.exited(102, CRASHED);
            assertEquals(ExitLedger.MOST, test.table.ends().size());
            assertEquals(1_000, test.table.ends().getFirst().label().pid());
            assertEquals(102, test.lastEnd().label().pid());
        }
    }

    @Nested
    class LateAndForeignEvents {

        private final TestTable test = TestTable.twoServing();

        @Test
        void readyAfterTheKillIsIgnored() {
            test.exited(101, CRASHED);
            test.spawned(1, 201);
            test.apply(new Garbled(201));
            test.assertDue(new Kill(201));
            test.ready(201);
            assertInstanceOf(WorkerState.Killed.class, test.state(201));
            test.assertDue();
        }

        @Test
        void readyAfterTheDumpCostsNoRequest() {
            test.exited(101, CRASHED);
            test.spawned(1, 201);
            test.assertDueAfter(TestTable.START_TIMEOUT.toMillis(), new Dump(201));
            test.ready(201);
            assertInstanceOf(WorkerState.Serving.class, test.state(201));
            test.assertDue();
            test.assertNothingNext();
            test.pass(5_000);
            test.exited(201, CRASHED);
            assertEquals(EndCause.UNEXPECTED, test.lastEnd().cause());
        }

        @Test
        void readyAfterTheDumpCountsOnTheFirstStartToo() {
            TestTable first = TestTable.ofTwo();
            first.spawned(1, 101);
            first.assertDueAfter(TestTable.START_TIMEOUT.toMillis(), new Dump(101));
            first.ready(101);
            first.spawned(2, 102);
        }

        @Test
        void readyAgainDoesNotStartTheLifeAnew() {
            test.exited(101, CRASHED);
            test.spawned(1, 201);
            test.ready(201);
            test.pass(1_000);
            test.ready(201);
            test.exited(201, CRASHED);
            test.assertSpawnAfter(1, 0);
        }

        @Test
        void readyAfterTheEndIsIgnored() {
            test.exited(101, CRASHED);
            test.ready(101);
            assertEquals(Optional.empty(), test.table.life(101));
        }

        @Test
        void pidsOfOthersAreIgnored() {
            for (TableEvent event : List.of(new Ready(4711, Vitals.UNKNOWN), new Garbled(4711),
                    new TableEvent.Alive(4711, test.in(-1), Vitals.UNKNOWN), new MemorySeen(4711, 1, 1),
                    new ReplaceRequested(4711, EndCause.TERMINATED, ""),
                    new TableEvent.Exited(4711, CRASHED, Instant.EPOCH), new Ready(0, Vitals.UNKNOWN))) {
                test.apply(event);
                assertEquals(List.of(), test.table.due(test.in(0)));
            }
            assertEquals(List.of(), test.table.ends());
        }

        @Test
        void endsOfOthersChildrenAreIgnoredWhileThereIsNoWorker() {
            TestTable fresh = TestTable.ofTwo();
            fresh.exited(4711, CRASHED);
            fresh.assertDue(new Spawn(1, 1));
        }
    }

    @Nested
    class NextDeadline {

        @Test
        void thereIsNoneWhileAllServe() {
            TestTable.twoServing().assertNothingNext();
        }

        @Test
        void itIsTheEarliestOfAllWorkers() {
            TestTable test = TestTable.twoServing();
            test.exited(101, CRASHED);
            test.due();
            test.apply(new SpawnFailed(1, 1));
            test.apply(new SpawnFailed(1, 1));
            test.exited(102, CRASHED);
            test.due();
            test.apply(new SpawnFailed(2, 1));
            test.assertNextIn(100);
        }

        @Test
        void workersThatWaitForTheFirstHaveNone() {
            TestTable test = TestTable.ofTwo();
            test.spawned(1, 101);
            test.assertNextIn(TestTable.START_TIMEOUT.toMillis());
        }
    }
}
