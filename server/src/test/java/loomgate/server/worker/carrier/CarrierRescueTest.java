package loomgate.server.worker.carrier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CarrierRescueTest {

    /// A scheduler whose probes run when the test says so.
    private static final class FakeCarriers implements Carriers {

        private final List<Runnable> probes = new ArrayList<>();
        private int parallelism = 2;
        private int woken;

        @Override
        public int parallelism() {
            return parallelism;
        }

        @Override
        public void setParallelism(int carriers) {
            parallelism = carriers;
        }

        @Override
        public void probe(Runnable whenRun) {
            probes.add(whenRun);
        }

        @Override
        public void wake(int carriers) {
            woken += carriers;
        }

        void runProbes() {
            probes.forEach(Runnable::run);
            probes.clear();
        }
    }

    private final FakeCarriers carriers = new FakeCarriers();
    private final CarrierRescue rescue = new CarrierRescue(List::of, _ -> "", () -> carriers);

    @Test
    void probeThatRunsChangesNothing() {
        for (int ms = 0; ms < 10_000; ms += 50) {
            rescue.look(nanos(ms));
            assertEquals(1, carriers.probes.size());
            carriers.runProbes();
        }
        assertEquals(2, carriers.parallelism);
    }

    @Test
    void probeThatDoesNotRunBringsMoreCarriersUntilOneDoesAndTheyGoAgain() {
        for (int ms = 0; ms <= 650; ms += 50) {
            rescue.look(nanos(ms));
        }
        assertEquals(6, carriers.parallelism, "two more, and two more when that did not help");
        assertEquals(4, carriers.woken);
        carriers.runProbes();
        for (int ms = 700; ms < 1600; ms += 50) {
            rescue.look(nanos(ms));
            carriers.runProbes();
        }
        assertEquals(6, carriers.parallelism);
        for (int ms = 1600; ms <= 1750; ms += 50) {
            rescue.look(nanos(ms));
            carriers.runProbes();
        }
        assertEquals(2, carriers.parallelism);
    }

    private static long nanos(int ms) {
        return TimeUnit.MILLISECONDS.toNanos(ms);
    }
}
