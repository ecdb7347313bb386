package loomgate.server.worker;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import loomgate.server.control.ExitCode;
import loomgate.server.control.WorkerLabel;
import loomgate.server.worker.Orders.Order;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How a worker ends: no more connections, what there is finished within `reload-mercy`, the rest cut off.
final class Ending {

    private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

    private static final Duration HURRY_INTERVAL = Duration.ofMillis(100);

    /// Between the interrupt of requests that are out of time and the end of the process.
    private static final Duration LAST_WORDS = Duration.ofMillis(500);

    /// What the application may take to close, and the JVM to end, before the process is ended without them.
    private static final Duration LONGEST_END = Duration.ofSeconds(2);

    private final WorkerLabel label;
    private final Duration mercy;
    private final Phase.Current phase;
    private final List<Listener> listeners;
    private final Connections connections;
    private final Orders orders;
    private boolean hasTakenQueues;

    Ending(WorkerLabel label, Duration mercy, Phase.Current phase, List<Listener> listeners, Connections connections,
            Orders orders) {
        this.label = label;
        this.mercy = mercy;
        this.phase = phase;
        this.listeners = listeners;
        this.connections = connections;
        this.orders = orders;
    }

    /// Ends the worker's service as ordered, and returns how that went.
    ExitCode run(Order order) throws InterruptedException {
        long until = System.nanoTime() + mercy.toNanos();
        phase.drainUntil(until);
        endAnyway(mercy.plus(LONGEST_END));
        LOG.info("{}: {}, {} connections open", label, order == Order.STOP ? "stopping" : "draining",
                connections.count());
        listeners.forEach(Listener::stop);
        for (Listener listener : listeners) {
            listener.awaitStopped();
        }
        if (hasFinished(order, until)) {
            return ExitCode.STOPPED;
        }
        LOG.warn("{}: {} connections are cut off: reload-mercy is over, or a second signal came", label,
                connections.count());
        endAnyway(LAST_WORDS.plus(LONGEST_END));
        phase.drainUntil(System.nanoTime());
        connections.interruptAll();
        connections.awaitUnused(LAST_WORDS);
        connections.cutAll();
        return ExitCode.CUT_SHORT;
    }

    /// Whether the last connection ends before the time is over, and before a second signal ends the wait.
    private boolean hasFinished(Order first, long untilNanos) throws InterruptedException {
        Optional<Order> order = Optional.of(first);
        while (true) {
            if (order.equals(Optional.of(Order.STOP_NOW))) {
                return false;
            }
            if (order.equals(Optional.of(Order.STOP)) && !hasTakenQueues) { // at first, or after an order to drain
                hasTakenQueues = true;
                listeners.forEach(listener -> listener.takeQueued(untilNanos));
            }
            Duration left = Duration.ofNanos(untilNanos - System.nanoTime());
            if (left.isNegative()) {
                return false;
            }
            connections.hurryIdle();
            if (connections.awaitUnused(left.compareTo(HURRY_INTERVAL) < 0 ? left : HURRY_INTERVAL)) {
                return true;
            }
            order = orders.poll();
        }
    }

    /// Ends the process after that time, whatever the application, its shutdown hooks or a blocked log are doing.
    private void endAnyway(Duration after) {
        Thread.ofPlatform().name("end").daemon().start(() -> {
            try {
                Thread.sleep(after);
            } catch (InterruptedException e) {
                LOG.error("{}: nobody should interrupt this", label, e);
            }
            Runtime.getRuntime().halt(ExitCode.CUT_SHORT.status());
        });
    }
}
