package loomgate.server.worker.carrier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
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
    private final CarrierRescue rescue = new CarrierRescue(List::of, _ -> "", () -> carriers, Runnable::run);

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
        for (int ms = 0; ms <= 2100; ms += 50) {
            rescue.look(nanos(ms));
        }
        assertEquals(6, carriers.parallelism, "two more, and two more when that did not help");
        assertEquals(4, carriers.woken);
        carriers.runProbes();
        for (int ms = 2150; ms < 3050; ms += 50) {
            rescue.look(nanos(ms));
            carriers.runProbes();
        }
        assertEquals(6, carriers.parallelism);
        for (int ms = 3050; ms <= 3200; ms += 50) {
            rescue.look(nanos(ms));
            carriers.runProbes();
        }
        assertEquals(2, carriers.parallelism);
    }

    @Test
    void pauseOfTheWholeProcessIsNoReason() {
        rescue.look(nanos(0));
        rescue.look(nanos(2_000)); // before the probe had a chance
        assertEquals(2, carriers.parallelism);
    }

    @Test
    void asksToBeCalledSoonWhileAProbeWaits() {
        assertFalse(rescue.look(nanos(0)));
        assertTrue(rescue.look(nanos(1_000)));
        carriers.runProbes();
        assertFalse(rescue.look(nanos(1_050)));
    }

    @Test
    void lookNeverWaitsForTheLog() {
        List<Runnable> told = new ArrayList<>();
        CarrierRescue silent = new CarrierRescue(List::of, _ -> {
            throw new AssertionError("a stack was asked for on the watch's thread");
        }, () -> carriers, told::add);
        for (int ms = 0; ms <= 1100; ms += 50) {
            silent.look(nanos(ms));
        }
        assertEquals(4, carriers.parallelism);
        assertEquals(1, told.size(), "on another thread");
    }

    @Test
    void threadThatWorksOnOneRequestAfterTheOtherKeepsNoCarrier() throws Exception {
        AtomicBoolean ends = new AtomicBoolean();
        Thread busy = Thread.ofVirtual().name("a@b").start(() -> {
            while (!ends.get()) {
                Thread.onSpinWait();
            }
        });
        try {
            while (!CarrierRescue.isMounted(busy)) {
                Thread.sleep(1);
            }
            AtomicInteger request = new AtomicInteger();
            CarrierRescue loaded = new CarrierRescue(
                    () -> List.of(new CarrierRescue.Occupant("request " + request.incrementAndGet(), busy)), _ -> "",
                    () -> carriers, Runnable::run);
            for (int ms = 0; ms <= 250; ms += 50) {
                loaded.look(nanos(ms));
            }
            assertEquals(2, carriers.parallelism);
        } finally {
            ends.set(true);
            busy.join();
        }
    }

    @Test
    void nameOfAThreadIsNoCarrier() throws Exception {
        Thread waiting = Thread.ofVirtual().name("somebody@example.com").start(() -> {
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException _) {
                // the test is over
            }
        });
        while (waiting.getState() != Thread.State.TIMED_WAITING) {
            Thread.sleep(1);
        }
        assertFalse(CarrierRescue.isMounted(waiting));
        waiting.interrupt();
        waiting.join();
    }

    private static long nanos(int ms) {
        return TimeUnit.MILLISECONDS.toNanos(ms);
    }
}
