package loomgate.server.master;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import loomgate.server.master.table.TableEvent;
import loomgate.server.master.table.TableEvent.MemorySeen;
import loomgate.server.os.ProcessMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the kernel once a second how much memory the workers have, if there is a limit that the master has to see to:
/// one that runs wild may not say so itself.
final class MemorySampler {

    private static final Logger LOG = LoggerFactory.getLogger(MemorySampler.class);

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final Set<Integer> pids;
    private final BooleanSupplier isLimited;
    private final Consumer<TableEvent> events;

    /// @param pids      of the workers that have not been reaped; others change it meanwhile
    /// @param isLimited whether it matters now; a reload may change that
    /// @param events    gets what is seen; called, as the others, by the sampler's thread
    MemorySampler(Set<Integer> pids, BooleanSupplier isLimited, Consumer<TableEvent> events) {
        this.pids = pids;
        this.isLimited = isLimited;
        this.events = events;
    }

    void start() {
        Thread.ofPlatform().name("memory").daemon().start(this::run);
    }

    /// Never ends: nobody else would notice a worker that runs wild.
    private void run() {
        while (true) {
            try {
                if (isLimited.getAsBoolean()) {
                    pids.forEach(this::sample);
                }
            } catch (RuntimeException | Error e) {
                LOG.error("the workers' memory could not be read; trying again", e);
            }
            LockSupport.parkNanos(this, INTERVAL.toNanos());
        }
    }

    private void sample(int pid) {
        try {
            ProcessMemory memory = ProcessMemory.of(pid);
            events.accept(new MemorySeen(pid, memory.addressSpace(), memory.resident()));
        } catch (IOException e) {
            LOG.debug("the memory of pid {} cannot be read, as when it has just ended", pid, e);
        }
    }
}
