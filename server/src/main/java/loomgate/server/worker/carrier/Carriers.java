package loomgate.server.worker.carrier;

import java.lang.management.ManagementFactory;
import jdk.management.VirtualThreadSchedulerMXBean;

/// The scheduler of this JVM's virtual threads, as far as it can be steered.
interface Carriers {

    /// How many virtual threads run at once.
    int parallelism();

    void setParallelism(int carriers);

    /// Has a virtual thread run something as soon as one can.
    void probe(Runnable whenRun);

    /// Makes idle carriers look for work.
    void wake(int carriers);

    /// Those of this process.
    final class OfThisProcess implements Carriers {

        private final VirtualThreadSchedulerMXBean scheduler =
                ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);

        @Override
        public int parallelism() {
            return scheduler.getParallelism();
        }

        @Override
        public void setParallelism(int carriers) {
            scheduler.setParallelism(carriers);
        }

        @Override
        public void probe(Runnable whenRun) {
            Thread.ofVirtual().name("probe").start(whenRun);
        }

        /// A carrier is woken by work that comes into an empty queue, and a thread that never submitted any has such a
        /// queue of its own.
        @Override
        public void wake(int carriers) {
            for (int i = 0; i < carriers; i++) {
                Thread.ofPlatform().daemon().name("wake").start(() -> Thread.ofVirtual().start(() -> {}));
            }
        }
    }
}
