package loomgate.server.master.table;

import static loomgate.server.master.table.TestTable.CANNOT_LOAD;
import static loomgate.server.master.table.TestTable.CRASHED;
import static loomgate.server.master.table.TestTable.KILLED;
import static loomgate.server.master.table.TestTable.KILL_AFTER_MS;
import static loomgate.server.master.table.TestTable.STOPPED;
import static loomgate.server.master.table.TestTable.UNLIMITED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import loomgate.server.control.EndCause;
import loomgate.server.control.Vitals;
import loomgate.server.master.table.Action.AskToDrain;
import loomgate.server.master.table.Action.Kill;
import loomgate.server.master.table.Action.Report;
import loomgate.server.master.table.Action.Report.Severity;
import loomgate.server.master.table.Action.Spawn;
import loomgate.server.master.table.TableEvent.Garbled;
import loomgate.server.master.table.TableEvent.ReplaceRequested;
import loomgate.server.master.table.TableEvent.SpawnFailed;
import loomgate.server.master.table.TableEvent.Spawned;
import loomgate.server.os.ExitStatus;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// How [WorkerTable] replaces workers that are to end: spawn, ready, drain, exit.
class ReplacementsTest {

    private TestTable test = TestTable.twoServing();

    @ParameterizedTest
    @EnumSource(names = {
        "MAX_REQUESTS", "ADDRESS_SPACE", "RESIDENT_MEMORY", "STUCK_REQUEST", "OUT_OF_MEMORY", "EXIT_CALLED"})
    void successorIsReadyBeforeTheOldOneDrains(EndCause cause) {
        test.replaceRequested(102, cause);
        test.spawned(2, 202);
        assertInstanceOf(WorkerState.Unfit.class, test.state(102));
        test.assertDue();
        test.ready(202);
        test.assertDue(new AskToDrain(102));
        test.exited(102, STOPPED);
        test.assertDue();
        assertInstanceOf(WorkerState.Serving.class, test.state(202));
        assertEquals(cause, test.lastEnd().cause());
    }

    @Test
    void beginAndEndAreToldWithTheCause() {
        test.apply(new ReplaceRequested(102, EndCause.MAX_REQUESTS, "487 requests"));
        test.spawned(2, 202);
        assertEquals(new Report(Severity.INFO, "worker 2 gen 1 pid 102 will be replaced: max-requests (487 requests)"),
                test.lastReport());
        test.ready(202);
        test.exited(102, STOPPED);
        test.due();
        assertEquals(new Report(Severity.INFO, "worker 2 gen 1 pid 102 ended: max-requests (487 requests), "
                + "exited with status 0, after 5000 ms"), test.lastReport());
    }

    @Test
    void whoDrainsForTooLongIsKilled() {
        test.replaceRequested(102, EndCause.MAX_REQUESTS);
        test.spawned(2, 202);
        test.ready(202);
        test.assertDue(new AskToDrain(102));
        test.assertDueAfter(KILL_AFTER_MS, new Kill(102));
        test.exited(102, KILLED);
        test.assertDue();
        assertEquals(Severity.WARNING, test.lastReport().severity());
    }

    @Nested
    class OneAtATime {

        @Test
        void thePlannedWaitUntilNobodyStartsOrDrains() {
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.replaceRequested(101, EndCause.MAX_REQUESTS);
            test.spawned(1, 201);
            test.assertDue();
            test.ready(201);
            test.assertDue(new AskToDrain(101));
            test.pass(1_000);
            test.assertDue();
            test.exited(101, STOPPED);
            test.assertDue(new Spawn(2, 1));
        }

        @Test
        void whoHasWaitedLongestIsFirst() {
            test = TestTable.serving(3, UNLIMITED);
            test.replaceRequested(1 + 100, EndCause.MAX_REQUESTS);
            test.spawned(1, 201);
            test.replaceRequested(103, EndCause.MAX_REQUESTS);
            test.pass(1);
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.ready(201);
            test.assertDue(new AskToDrain(101));
            test.exited(101, STOPPED);
            test.assertDue(new Spawn(3, 1));
        }

        @Test
        void theUrgentDoNotWaitForOneThatDrains() {
            test.replaceRequested(101, EndCause.MAX_REQUESTS);
            test.spawned(1, 201);
            test.replaceRequested(102, EndCause.STUCK_REQUEST);
            test.assertDue(); // but for a successor that starts
            test.ready(201);
            test.assertDue(new AskToDrain(101), new Spawn(2, 1));
        }

        @Test
        void theUrgentGoFirst() {
            test = TestTable.serving(3, UNLIMITED);
            test.replaceRequested(101, EndCause.STUCK_REQUEST);
            test.spawned(1, 201);
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.pass(1_000);
            test.replaceRequested(103, EndCause.OUT_OF_MEMORY);
            test.ready(201);
            test.assertDue(new AskToDrain(101), new Spawn(3, 1));
        }

        @Test
        void thePlannedWaitForOneThatCrashed() {
            test.exited(102, CRASHED);
            test.replaceRequested(101, EndCause.MAX_REQUESTS);
            test.spawned(2, 202);
            test.assertDue();
            test.ready(202);
            test.assertDue(new Spawn(1, 1));
        }

        @Test
        void theUrgentDoNotWaitForOneThatCrashed() {
            test.exited(102, CRASHED);
            test.replaceRequested(101, EndCause.OUT_OF_MEMORY);
            test.assertDue(new Spawn(2, 1), new Spawn(1, 1));
        }
    }

    @Nested
    class TwoCauses {

        @Test
        void theFirstCounts() {
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.replaceRequested(102, EndCause.RESIDENT_MEMORY);
            test.replaced(2, 102, 202);
            assertEquals(EndCause.MAX_REQUESTS, test.lastEnd().cause());
        }

        @Test
        void butTheUrgentIsNotHeldUp() {
            test.replaceRequested(101, EndCause.MAX_REQUESTS);
            test.spawned(1, 201);
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.ready(201);
            test.assertDue(new AskToDrain(101));
            test.replaceRequested(102, EndCause.OUT_OF_MEMORY);
            test.replaceRequested(102, EndCause.STUCK_REQUEST);
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.replaced(2, 102, 202);
            assertEquals(EndCause.OUT_OF_MEMORY, test.lastEnd().cause());
        }

        @Test
        void oneThatDrainsIsPastIt() {
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.spawned(2, 202);
            test.ready(202);
            test.assertDue(new AskToDrain(102));
            test.replaceRequested(102, EndCause.OUT_OF_MEMORY);
            test.assertDue();
            assertEquals(EndCause.MAX_REQUESTS, test.table.life(102).orElseThrow().cause());
        }
    }

    @Nested
    class TermToAWorker {

        @Test
        void itsSuccessorIsStartedAMomentLater() {
            test.replaceRequested(102, EndCause.TERMINATED);
            test.assertSpawnAfter(2, Replacements.LEAVING_PAUSE.toMillis());
        }

        @Test
        void askedAgainItGetsNoMoreTime() {
            test.replaceRequested(102, EndCause.TERMINATED);
            test.pass(100);
            test.replaceRequested(102, EndCause.TERMINATED);
            test.assertNextIn(100);
        }

        @Test
        void oneThatEndsAtOnceIsReplacedAtOnce() {
            test.replaceRequested(102, EndCause.TERMINATED);
            test.exited(102, STOPPED);
            test.assertSpawnAfter(2, 0);
        }

        @Test
        void toBeAskedToEndIsNoShortLife() {
            for (int pid : new int[] {102, 202, 302}) {
                test.replaceRequested(pid, EndCause.TERMINATED);
                test.assertSpawnAfter(2, Replacements.LEAVING_PAUSE.toMillis());
                test.apply(new Spawned(2, 1, pid + 100));
                test.ready(pid + 100);
                test.assertDue(new AskToDrain(pid));
                test.exited(pid, STOPPED);
            }
        }
    }

    @Nested
    class WhenASuccessorFails {

        @Test
        void theOldOneServesOnAndItIsTriedAgainLaterAndLater() {
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            for (long delay : new long[] {0, 0, 100, 200}) {
                test.assertSpawnAfter(2, delay);
                test.apply(new Spawned(2, 1, 202));
                test.pass(3_000);
                test.exited(202, CANNOT_LOAD);
                assertInstanceOf(WorkerState.Unfit.class, test.state(102));
            }
            test.assertSpawnAfter(2, 400);
            assertTrue(test.reports.contains(new Report(Severity.ERROR,
                    "worker 2 keeps dying: the next start is in 400 ms; pid 102 serves on")), test.reports::toString);
            test.apply(new Spawned(2, 1, 302));
            test.ready(302);
            test.assertDue(new AskToDrain(102));
        }

        @Test
        void aLongLifeEndsTheSeries() {
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.spawned(2, 202);
            test.exited(202, CANNOT_LOAD);
            test.spawned(2, 302);
            test.exited(302, CANNOT_LOAD);
            test.assertSpawnAfter(2, 100);
            test.apply(new Spawned(2, 1, 402));
            test.ready(402);
            test.assertDue(new AskToDrain(102));
            test.exited(102, STOPPED);
            test.pass(5_000);
            test.replaceRequested(402, EndCause.MAX_REQUESTS);
            test.spawned(2, 502);
            test.exited(502, CANNOT_LOAD);
            test.assertSpawnAfter(2, 0);
        }

        @Test
        void aSpawnThatFailsCountsAsWell() {
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.assertDue(new Spawn(2, 1));
            test.apply(new SpawnFailed(2, 1));
            test.assertDue(new Spawn(2, 1));
            test.apply(new SpawnFailed(2, 1));
            test.assertSpawnAfter(2, 100);
        }

        @Test
        void othersHaveTheirTurnMeanwhile() {
            test.replaceRequested(101, EndCause.MAX_REQUESTS);
            test.spawned(1, 201);
            test.exited(201, CANNOT_LOAD);
            test.spawned(1, 301);
            test.exited(301, CANNOT_LOAD);
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.assertDue(new Spawn(2, 1));
        }

        @Test
        void whatCannotBeUnderstoodIsNoSuccessor() {
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.spawned(2, 202);
            test.apply(new Garbled(202));
            test.assertDue(new Kill(202));
            test.ready(202);
            test.assertDue();
            test.exited(202, KILLED);
            test.assertDue(new Spawn(2, 1));
        }
    }

    @Nested
    class WhenTheOldOneEndsEarly {

        @Test
        void theSuccessorThatStartsIsWaitedFor() {
            test.replaceRequested(102, EndCause.OUT_OF_MEMORY);
            test.spawned(2, 202);
            test.exited(102, CRASHED);
            test.assertDue();
            test.ready(202);
            test.assertDue();
            assertInstanceOf(WorkerState.Serving.class, test.state(202));
        }

        @Test
        void andTheSuccessorTooItIsRespawned() {
            test.replaceRequested(102, EndCause.OUT_OF_MEMORY);
            test.spawned(2, 202);
            test.exited(102, CRASHED);
            test.exited(202, CANNOT_LOAD);
            test.assertSpawnAfter(2, 0);
            test.apply(new Spawned(2, 1, 302));
            test.exited(302, CANNOT_LOAD);
            test.assertSpawnAfter(2, 100);
        }

        @Test
        void andTheSuccessorFirstItIsRespawned() {
            test.replaceRequested(102, EndCause.OUT_OF_MEMORY);
            test.spawned(2, 202);
            test.exited(202, CANNOT_LOAD);
            test.exited(102, CRASHED);
            test.assertSpawnAfter(2, 0);
        }

        @Test
        void beforeItsTurnItIsRespawned() {
            test.replaceRequested(101, EndCause.MAX_REQUESTS);
            test.spawned(1, 201);
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.assertDue();
            test.exited(102, CRASHED);
            test.assertDue(new Spawn(2, 1));
        }

        @Test
        void whileItDrainsNobodyElseComes() {
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.spawned(2, 202);
            test.ready(202);
            test.assertDue(new AskToDrain(102));
            test.exited(102, CRASHED);
            test.assertDue();
            assertEquals(Severity.WARNING, test.lastReport().severity());
        }

        @Test
        void theSuccessorsEndIsALossEvenWhileTheOldOneDrains() {
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.spawned(2, 202);
            test.ready(202);
            test.assertDue(new AskToDrain(102));
            test.exited(202, CRASHED);
            test.assertSpawnAfter(2, 0);
            test.apply(new Spawned(2, 1, 302));
            test.ready(302);
            test.assertDue();
        }
    }

    @Nested
    class ThatAllHaveToBeReplacedAgain {

        @Test
        void comesWithGrowingDelay() {
            test = TestTable.serving(1, UNLIMITED);
            test.exited(101, CRASHED);
            int pid = 201;
            for (long delay : new long[] {0, 100, 200, 400}) {
                test.assertSpawnAfter(1, delay);
                test.apply(new Spawned(1, 1, pid));
                test.ready(pid);
                test.due();
                test.exited(pid - 100, STOPPED);
                test.pass(100);
                test.replaceRequested(pid, EndCause.EXIT_CALLED);
                pid += 100;
            }
        }

        @Test
        void isToldForWhatItIs() {
            test = TestTable.serving(1, UNLIMITED);
            test.replaceRequested(101, EndCause.MAX_REQUESTS);
            test.replaced(1, 101, 201);
            test.replaceRequested(201, EndCause.MAX_REQUESTS);
            test.replaced(1, 201, 301);
            test.replaceRequested(301, EndCause.MAX_REQUESTS);
            test.assertDue();
            assertEquals("worker 1 has to be replaced again, less than 1000 ms after it was ready: it serves on, the"
                    + " next start is in 100 ms", test.reports.get(test.reports.size() - 1).text());
        }

        @Test
        void isWhatItSaidBeforeItWasReady() {
            test.exited(102, CRASHED);
            test.spawned(2, 202);
            test.replaceRequested(202, EndCause.OUT_OF_MEMORY);
            test.assertDue();
            test.ready(202);
            test.assertSpawnAfter(2, 100);
            assertEquals(EndCause.OUT_OF_MEMORY, test.table.life(202).orElseThrow().cause());
        }
    }

    @Nested
    class Lifetime {

        @Test
        void endsUpToATenthEarlier() {
            test = TestTable.serving(1, TestTable.lifetime(Duration.ofSeconds(1_000)));
            test.pass(895_000 - 1);
            test.assertDue();
            test.pass(100_001);
            test.replaced(1, 101, 201);
            assertEquals(EndCause.LIFETIME, test.lastEnd().cause());
        }

        @Test
        void isServedHoweverShort() {
            test = TestTable.serving(1, TestTable.lifetime(Duration.ofNanos(1)));
            test.due();
            assertInstanceOf(WorkerState.Unfit.class, test.state(101));
        }

        @Test
        void isNotTheSameForAll() {
            test = TestTable.serving(2, TestTable.lifetime(Duration.ofSeconds(1_000)));
            WorkerState.Serving one = (WorkerState.Serving) test.state(101);
            WorkerState.Serving other = (WorkerState.Serving) test.state(102);
            assertTrue(!one.tooOldAt().equals(other.tooOldAt()));
        }

        @Test
        void ofAnUnfitWorkerIsNoMatter() {
            test = TestTable.serving(1, TestTable.lifetime(Duration.ofSeconds(1_000)));
            test.apply(new TableEvent.Ready(101, Vitals.UNKNOWN));
            test.replaceRequested(101, EndCause.MAX_REQUESTS);
            test.spawned(1, 201);
            test.pass(80_000);
            test.assertDue();
            assertEquals(EndCause.MAX_REQUESTS, test.table.life(101).orElseThrow().cause());
        }
    }

    @Test
    void aWorkerThatCutRequestsWhileItDrainedIsAWarning() {
        test.replaceRequested(102, EndCause.MAX_REQUESTS);
        test.spawned(2, 202);
        test.ready(202);
        test.exited(102, new ExitStatus.Exited(75));
        test.due();
        assertEquals(Severity.WARNING, test.lastReport().severity());
    }
}
