package loomgate.server.master.table;

import static loomgate.server.master.table.TestTable.CANNOT_LOAD;
import static loomgate.server.master.table.TestTable.CRASHED;
import static loomgate.server.master.table.TestTable.STOPPED;
import static loomgate.server.master.table.TestTable.UNLIMITED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import loomgate.server.control.EndCause;
import loomgate.server.control.ExitCode;
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
import loomgate.server.master.table.TableEvent.SpawnFailed;
import loomgate.server.master.table.TableEvent.StopRequested;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// A new generation of the application takes the place of the old one, or does not.
class ReloadTest {

    private static final ReloadProgress TRIED = new ReloadProgress("generation 2 is tried with one worker");

    private TestTable test = TestTable.twoServing();

    @Nested
    class Good {

        @Test
        void oneWorkerIsTriedAndTheOthersFollowOneByOne() {
            test.reload(2, 2);
            test.assertDue(TRIED, new Spawn(1, 2));
            test.apply(new TableEvent.Spawned(1, 2, 201));
            test.assertDue();
            test.ready(201);
            test.assertDue(new ReloadCommitted(2), new AskToDrain(101), serves(1, 2));
            test.exited(101, STOPPED);
            assertEquals(EndCause.RELOAD, test.lastEnd().cause());
            test.spawned(2, 2, 202);
            test.ready(202);
            test.assertDue(new AskToDrain(102), serves(2, 2), good(2));
            test.exited(102, STOPPED);
            test.assertDue(new DropGeneration(1));
            test.assertNothingNext();
            assertEquals(EndCause.RELOAD, test.lastEnd().cause());
        }

        @Test
        void workersThatCrashMeanwhileAreStartedWithTheGenerationThatIsCurrent() {
            test.reload(2, 2);
            test.assertDue(TRIED, new Spawn(1, 2));
            test.apply(new TableEvent.Spawned(1, 2, 201));
            test.exited(102, CRASHED);
            test.spawned(2, 1, 202);
            test.ready(202);
            test.assertDue();
            test.ready(201);
            test.assertDue(new ReloadCommitted(2), new AskToDrain(101), serves(1, 2));
            test.exited(202, CRASHED);
            test.pass(30_000);
            test.spawned(2, 2, 302);
        }

        @Test
        void newGenerationMayBeWhatHealsAWorkerThatKeepsDying() {
            test = TestTable.serving(1, UNLIMITED);
            test.exited(101, CRASHED);
            test.spawned(1, 1, 201);
            test.exited(201, CRASHED);
            test.assertDue();
            test.reload(2, 1);
            test.assertDue(TRIED, new Spawn(1, 2)); // and not after the delay
            test.apply(new TableEvent.Spawned(1, 2, 301));
            test.ready(301);
            test.assertDue(new ReloadCommitted(2), serves(1, 1), good(1), new DropGeneration(1));
        }

        @Test
        void aSuccessorThatIsStartingIsAwaitedFirst() {
            test.replaceRequested(102, EndCause.MAX_REQUESTS);
            test.spawned(2, 1, 202);
            test.reload(2, 2);
            test.assertDue(TRIED);
            test.ready(202);
            test.assertDue(new AskToDrain(102));
            test.exited(102, STOPPED);
            test.assertDue(new Spawn(1, 2));
        }

        @Test
        void onTheFirstStartItWaitsForThat() {
            test = TestTable.ofTwo();
            test.spawned(1, 1, 101);
            test.reload(2, 2);
            test.assertDue(TRIED);
            test.ready(101);
            test.assertDue(new Spawn(1, 2));
        }

        @Test
        void moreWorkersAreStartedWhenTheFirstIsReady() {
            test.reload(2, 3);
            test.assertDue(TRIED, new Spawn(1, 2));
            test.apply(new TableEvent.Spawned(1, 2, 201));
            test.ready(201);
            test.assertDue(new ReloadCommitted(2), new AskToDrain(101), serves(1, 3), new Spawn(3, 2));
            test.apply(new TableEvent.Spawned(3, 2, 203));
            test.ready(203);
            test.exited(101, STOPPED);
            test.assertDue(serves(2, 3), new Spawn(2, 2));
        }

        @Test
        void workersThatAreTooManyDrain() {
            test.reload(2, 1);
            test.assertDue(TRIED, new Spawn(1, 2));
            test.apply(new TableEvent.Spawned(1, 2, 201));
            test.ready(201);
            test.assertDue(new ReloadCommitted(2), new AskToDrain(102), new AskToDrain(101), serves(1, 1), good(1));
            test.exited(101, STOPPED);
            test.exited(102, STOPPED);
            test.assertDue(new DropGeneration(1));
            test.assertNothingNext();
        }

        @Test
        void oneThatIsTooManyAndStillStartsDrainsWhenItServes() {
            test.exited(102, CRASHED);
            test.spawned(2, 1, 202);
            test.reload(2, 1);
            test.assertDue(TRIED, new Spawn(1, 2));
            test.apply(new TableEvent.Spawned(1, 2, 201));
            test.ready(201);
            test.assertDue(new ReloadCommitted(2), new AskToDrain(101), serves(1, 1), good(1));
            test.ready(202);
            test.assertDue(new AskToDrain(202));
        }
    }

    @Nested
    class LongestStep {

        @Test
        void isThatOfTheFirstStart() {
            assertEquals(Duration.ofSeconds(90 + 60 + 2), test.table.longestStep());
        }

        @Test
        void isTheLongerOfBothWhileAGenerationIsTried() {
            test.reload(2, patient(300, 10));
            assertEquals(Duration.ofSeconds(300 + 60 + 2), test.table.longestStep());
        }

        @Test
        void isThatOfTheNewGenerationWhenItIsFit() {
            test.reload(2, patient(300, 10));
            test.due();
            test.apply(new TableEvent.Spawned(1, 2, 201));
            test.ready(201);
            assertEquals(Duration.ofSeconds(300 + 10 + 2), test.table.longestStep());
        }

        @Test
        void isWhatItWasWhenItIsNot() {
            test.reload(2, patient(300, 10));
            test.due();
            test.apply(new SpawnFailed(1, 2));
            assertEquals(Duration.ofSeconds(90 + 60 + 2), test.table.longestStep());
        }

        private static TableSettings patient(int startTimeout, int mercy) {
            return new TableSettings(2, Duration.ofSeconds(mercy), Duration.ZERO, Duration.ofSeconds(startTimeout),
                    Duration.ZERO, UNLIMITED);
        }
    }

    @Nested
    class Broken {

        @Test
        void oldGenerationHasNotNoticed() {
            test.reload(2, 7);
            test.assertDue(TRIED, new Spawn(1, 2));
            test.apply(new TableEvent.Spawned(1, 2, 201));
            test.exited(201, CANNOT_LOAD);
            assertRefused("generation 2 is not fit, generation 1 serves on: worker 1 gen 2 pid 201 ended: failed start,"
                    + " exited with status 22 before it was ready");
            test.assertNothingNext();
            assertTrue(test.state(101) instanceof WorkerState.Serving
                    && test.state(102) instanceof WorkerState.Serving);
        }

        @Test
        void constructorThatHangsIsEnded() {
            test.reload(2, 2);
            test.assertDue(TRIED, new Spawn(1, 2));
            test.apply(new TableEvent.Spawned(1, 2, 201));
            test.pass(TestTable.START_TIMEOUT.toMillis());
            test.assertDue(new Dump(201));
            test.pass(WorkerTable.DUMP_PAUSE.toMillis());
            test.assertDue(new Kill(201));
            test.exited(201, TestTable.KILLED);
            assertRefused("generation 2 is not fit, generation 1 serves on: worker 1 gen 2 pid 201 ended:"
                    + " start-timeout, was killed by signal 9");
        }

        @Test
        void processThatCannotBeStartedIsTheEnd() {
            test.reload(2, 2);
            test.assertDue(TRIED, new Spawn(1, 2));
            test.apply(new SpawnFailed(1, 2));
            assertRefused("generation 2 is not fit, generation 1 serves on: a process for worker 1 cannot be started");
        }

        @Test
        void theNextOneMayBeGood() {
            test.reload(2, 2);
            test.due();
            test.apply(new SpawnFailed(1, 2));
            test.due();
            test.reload(3, 2);
            test.assertDue(new ReloadProgress("generation 3 is tried with one worker"), new Spawn(1, 3));
        }

        @Test
        void oldWorkerThatDiesIsStartedAgainAsItWas() {
            test.reload(2, 2);
            test.due();
            test.apply(new TableEvent.Spawned(1, 2, 201));
            test.exited(101, CRASHED);
            test.assertDue();
            test.exited(201, CANNOT_LOAD);
            List<Action> due = test.due();
            assertTrue(due.contains(new Spawn(1, 1)), due::toString);
        }

        @Test
        void laterWorkerThatFailsIsToldAndTriedAgain() {
            test.reload(2, 2);
            test.due();
            test.apply(new TableEvent.Spawned(1, 2, 201));
            test.ready(201);
            test.due();
            test.exited(101, STOPPED);
            test.spawned(2, 2, 202);
            test.exited(202, CANNOT_LOAD);
            List<Action> due = test.due();
            assertTrue(due.getFirst() instanceof ReloadEnded(boolean isGood, String text) && !isGood
                    && text.startsWith("generation 2 serves, but not with all workers yet; it is tried again: "),
                    due::toString);
            assertTrue(test.state(102) instanceof WorkerState.Unfit);
            test.pass(30_000);
            test.due();
            test.apply(new TableEvent.Spawned(2, 2, 302));
            test.ready(302);
            test.assertDue(new AskToDrain(102));
        }

        private void assertRefused(String text) {
            List<Action> due = test.due();
            assertEquals(2, due.size(), due::toString);
            assertEquals(new DropGeneration(2), due.getLast());
            assertTrue(due.getFirst() instanceof ReloadEnded(boolean isGood, String told) && !isGood
                    && told.startsWith(text), due::toString);
        }
    }

    @Nested
    class Stop {

        @Test
        void endsATrial() {
            test.reload(2, 2);
            test.due();
            test.apply(new TableEvent.Spawned(1, 2, 201));
            test.apply(new StopRequested());
            test.assertDue(new ReloadEnded(false, "the server stops"), new CloseListeners(), new AskToStop(101),
                    new AskToStop(201), new AskToStop(102));
            test.exited(101, STOPPED);
            test.exited(102, STOPPED);
            test.exited(201, STOPPED);
            test.assertDue(new DropGeneration(2), new Exit(ExitCode.STOPPED));
        }

        @Test
        void comesBeforeWhatIsPreparedTooLate() {
            test.apply(new StopRequested());
            test.due();
            test.reload(2, 2);
            test.assertDue(TRIED, new ReloadEnded(false, "the server stops"), new DropGeneration(2));
        }
    }

    private static ReloadProgress serves(int count, int of) {
        return new ReloadProgress("worker " + count + " of " + of + " serves generation 2");
    }

    private static ReloadEnded good(int workers) {
        return new ReloadEnded(true, "generation 2 serves with " + workers + " workers");
    }
}
