package loomgate.server.master.table;

import static loomgate.server.master.table.TestTable.CRASHED;
import static loomgate.server.master.table.TestTable.STOPPED;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import loomgate.server.master.table.Action.Dump;
import loomgate.server.master.table.Action.Spawn;
import loomgate.server.master.table.TableEvent.StopRequested;
import loomgate.server.status.Readiness;
import org.junit.jupiter.api.Test;

/// Who [WorkerTable] says is to be sent requests.
class ReadinessTest {

    private static final Duration DELAY = Duration.ofSeconds(10);

    private TestTable test = TestTable.serving(TestTable.settings(2, DELAY));

    private void assertIs(Readiness expected) {
        assertEquals(expected, test.table.readiness(test.in(0)));
    }

    @Test
    void nobodyBeforeTheFirstWorker() {
        test = TestTable.ofTwo();
        assertIs(Readiness.STARTING);
        test.spawned(1, 101);
        assertIs(Readiness.STARTING);
        test.ready(101);
        assertIs(Readiness.READY);
    }

    @Test
    void nobodyFromTheFirstRequestToStop() {
        test.apply(new StopRequested());
        assertIs(Readiness.STOPPING);
        test.pass(DELAY.toMillis());
        test.due();
        assertIs(Readiness.STOPPING);
        test.exited(101, STOPPED);
        test.exited(102, STOPPED);
        test.due();
        assertIs(Readiness.STOPPING);
    }

    @Test
    void aServerWithOneWorkerLeft() {
        test.exited(101, CRASHED);
        assertIs(Readiness.READY);
        test.exited(102, CRASHED);
        assertIs(Readiness.NOBODY_SERVES);
    }

    @Test
    void noServerWhoseWorkersAreNotHeardOf() {
        test = TestTable.serving(TestTable.settings(1, DELAY));
        test.alive(101, 1_000);
        test.pass(999);
        assertIs(Readiness.READY);
        test.pass(1);
        assertIs(Readiness.NOBODY_SERVES);
        test.assertDue(new Dump(101), new Spawn(1, 1));
        assertIs(Readiness.NOBODY_SERVES);
        test.alive(101, 1_000);
        assertIs(Readiness.READY);
    }

    @Test
    void aServerThatReloads() {
        test.reload(2, 2);
        test.due();
        assertIs(Readiness.READY);
    }
}
