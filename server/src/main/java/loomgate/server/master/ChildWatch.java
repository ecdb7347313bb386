package loomgate.server.master;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import loomgate.server.os.Processes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells of each end of a child, once, after what the child said. It has a thread for this alone, so that nothing else
/// waits; and it never ends, since without it the master would be blind.
///
/// Children are seen here and reaped by the master's thread: until then their pids are nobody else's.
final class ChildWatch {

    private static final Logger LOG = LoggerFactory.getLogger(ChildWatch.class);

    private static final Duration BLIND_PAUSE = Duration.ofSeconds(1);

    /// What a worker that has ended said before is there already, unless a process that it started holds the channel.
    private static final Duration LAST_WORDS = Duration.ofMillis(100);

    private final Map<Integer, WorkerProcess> workers;
    private final Consumer<MasterEvent> events;
    private final Semaphore started = new Semaphore(0); // there may be a child to watch again
    private final Semaphore reaped = new Semaphore(0); // the child whose end was told is gone

    /// @param workers among the children, by pid
    ChildWatch(Map<Integer, WorkerProcess> workers, Consumer<MasterEvent> events) {
        this.workers = workers;
        this.events = events;
    }

    void start() {
        Thread.ofPlatform().name("children").daemon().start(this::watch);
    }

    /// There is another child.
    void childStarted() {
        started.release();
    }

    /// The child whose end was told is no more, or will not be.
    void childReaped() {
        reaped.release();
    }

    private void watch() {
        while (true) {
            try {
                watchNext();
            } catch (IOException | RuntimeException | Error e) {
                LOG.error("children cannot be waited for; trying again in {} ms", BLIND_PAUSE.toMillis(), e);
                pause();
            } catch (InterruptedException e) {
                LOG.error("nobody should interrupt this", e);
            }
        }
    }

    private void watchNext() throws IOException, InterruptedException {
        OptionalInt pid = Processes.awaitEnd();
        if (pid.isEmpty()) {
            started.acquire();
            return;
        }
        WorkerProcess worker = workers.get(pid.getAsInt());
        if (worker != null) {
            worker.awaitLastWords(LAST_WORDS);
        }
        events.accept(new MasterEvent.ChildEnded(pid.getAsInt()));
        reaped.acquire();
    }

    private static void pause() {
        try {
            Thread.sleep(BLIND_PAUSE);
        } catch (InterruptedException e) {
            LOG.error("nobody should interrupt this", e);
        }
    }
}
