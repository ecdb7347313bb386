package loomgate.server.worker;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import loomgate.server.control.EndCause;
import loomgate.server.control.ExitCode;
import loomgate.server.control.MalformedMessage;
import loomgate.server.control.Message;
import loomgate.server.control.MessageChannel;
import loomgate.server.control.Vitals;
import loomgate.server.control.WorkerLabel;
import loomgate.server.os.Signals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a worker is told to do about its end, and by whom: a supervised one by its master, over the control channel, or
/// by the loss of that; an unsupervised one by TERM and INT.
final class Orders {

    private static final Logger LOG = LoggerFactory.getLogger(Orders.class);

    enum Order {
        /// Take no more connections and finish.
        DRAIN,
        /// The same, and take what waits in the listeners' queues with it, because nobody else will.
        STOP,
        /// Finish nothing.
        STOP_NOW
    }

    private final WorkerLabel label;
    private final boolean isSupervised;
    private final MessageChannel master;
    private final Runnable reopenLog;
    private final LinkedBlockingQueue<Order> orders = new LinkedBlockingQueue<>();
    private boolean isReady; // guarded by this, as what follows
    private boolean wasStopped;
    private Optional<EndCause> asked = Optional.empty(); // why it is to be replaced

    /// @param reopenLog does that
    Orders(WorkerLabel label, boolean isSupervised, MessageChannel master, Runnable reopenLog) {
        this.reopenLog = reopenLog;
        this.label = label;
        this.isSupervised = isSupervised;
        this.master = master;
    }

    /// Begins to listen. Until [#becomeReady()] an order to end ends the process at once: there is nothing to finish,
    /// and the application may take long to load.
    void listen() {
        if (isSupervised) {
            // a terminal sends these to master and workers alike: the master decides what they mean for a worker
            Signals.disregard(Signals.Name.INT);
            Signals.disregard(Signals.Name.HUP);
            Signals.disregard(Signals.Name.USR1);
            Thread.ofPlatform().name("control").daemon().start(this::followMaster);
        }
    }

    /// The worker is about to take connections: from here on an order to end is one to finish first.
    synchronized void becomeReady() {
        isReady = true;
        if (isSupervised) {
            Signals.on(Signals.Name.TERM, () -> askToBeReplaced(EndCause.TERMINATED, ""));
        } else {
            Signals.on(Signals.Name.TERM, this::stopped);
            Signals.on(Signals.Name.INT, this::stopped);
            Signals.on(Signals.Name.USR1, reopenLog);
            Signals.on(Signals.Name.HUP, () -> LOG.warn("HUP: this version cannot reload; nothing was done"));
        }
    }

    /// Tells the master that connections are taken.
    void sayReady(Vitals vitals) throws IOException {
        if (isSupervised) {
            master.send(new Message.Ready(vitals));
        }
    }

    /// Waits for the first order.
    Order take() throws InterruptedException {
        return orders.take();
    }

    /// Another order, if there is one by now.
    Optional<Order> poll() {
        return Optional.ofNullable(orders.poll());
    }

    private void followMaster() {
        try {
            for (Optional<Message> message = master.receive(); message.isPresent(); message = master.receive()) {
                switch (message.get()) {
                    case Message.Drain(boolean stopping) -> give(stopping ? Order.STOP : Order.DRAIN);
                    case Message.ReopenLog() -> reopenLog.run();
                    default -> throw new IllegalStateException("the master sent a report");
                }
            }
            LOG.warn("{}: the master is gone; finishing", label);
            give(Order.STOP);
        } catch (MalformedMessage e) {
            LOG.error("{}: the master cannot be understood; finishing: {}", label, e.getMessage());
            give(Order.DRAIN);
        } catch (IOException e) {
            LOG.warn("{}: the master is gone; finishing: {}", label, e.getMessage());
            give(Order.STOP);
        }
    }

    private synchronized void give(Order order) {
        if (!isReady) {
            Runtime.getRuntime().halt(ExitCode.STOPPED.status());
        }
        orders.add(order);
    }

    private synchronized void stopped() {
        give(wasStopped ? Order.STOP_NOW : Order.STOP);
        wasStopped = true;
    }

    /// Whether an order to end is one to finish first.
    synchronized boolean isReady() {
        return isReady;
    }

    /// Tells the master that this worker lives, and until when it promises to be heard of again.
    void sayAlive(long fineUntil, Vitals vitals) throws IOException {
        if (isSupervised) {
            master.send(new Message.Alive(fineUntil, vitals));
        }
    }

    /// Asks the master for another worker in this one's place, until which this one goes on. Without a master it ends
    /// when its requests have: who started it will start it again; except for a request that is stuck, which alone is
    /// lost.
    synchronized void askToBeReplaced(EndCause cause, String detail) {
        if (asked.isPresent() && (asked.get().isUrgent() || !cause.isUrgent())) {
            return; // the master knows, and of nothing less urgent
        }
        if (isSupervised) {
            asked = Optional.of(cause);
            try {
                master.send(new Message.ReplaceRequested(cause, detail));
            } catch (IOException e) {
                LOG.warn("{}: the master cannot be asked; finishing: {}", label, e.getMessage());
                give(Order.DRAIN);
            }
        } else if (cause != EndCause.STUCK_REQUEST && isReady) {
            asked = Optional.of(cause);
            orders.add(Order.STOP);
            LOG.warn("{}: ends: {}{}", label, cause, detail.isEmpty() ? "" : ", " + detail);
        }
    }
}
