package loomgate.server.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import loomgate.server.application.Application;
import loomgate.server.application.ApplicationException;
import loomgate.server.config.Configuration;
import loomgate.server.config.WorkerSettings;
import loomgate.server.control.ExitCode;
import loomgate.server.control.MalformedMessage;
import loomgate.server.control.Message;
import loomgate.server.control.MessageChannel;
import loomgate.server.control.WorkerLabel;
import loomgate.server.log.RequestLog;
import loomgate.server.os.Descriptor;
import loomgate.server.os.Signals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The life of a worker process: load the application, serve, drain, end.
///
/// It does what its master says over the control channel, and what the loss of that channel says: finish, then exit. An
/// unsupervised worker (`master = false`) does what TERM and INT say instead.
public final class Worker {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /// The first inherited listener; 0 is the control channel, 1 and 2 are the log.
    private static final int FIRST_LISTENER = 3;

    private static final Duration HURRY_INTERVAL = Duration.ofMillis(100);

    /// Between the interrupt of requests that are out of time and the end of the process.
    private static final Duration LAST_WORDS = Duration.ofMillis(500);

    /// What the application may take to close, and the JVM to end, before the process is ended without them.
    private static final Duration LONGEST_END = Duration.ofSeconds(2);

    /// Something that makes the worker go on to the next part of its life.
    private enum Event {
        /// Take no more connections and finish.
        DRAIN,
        /// The same, and take what waits in the listeners' queues with it, because nobody else will.
        STOP,
        /// Finish nothing.
        STOP_NOW,
        /// There is no connection, and nobody who brings one.
        UNUSED
    }

    private final Message.Configure identity;
    private final Configuration configuration;
    private final MessageChannel master;
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Phase.Current phase = new Phase.Current();
    private final List<Listener> listeners = new ArrayList<>();
    private boolean isReady; // guarded by this

    private Worker(Message.Configure identity, Configuration configuration, MessageChannel master) {
        this.identity = identity;
        this.configuration = configuration;
        this.master = master;
    }

    /// Runs the worker that the message on the control channel describes, to its end.
    ///
    /// @param control the control channel, whose first message describes the worker
    public static ExitCode run(Descriptor control) throws Exception {
        MessageChannel master = new MessageChannel(control.input(), control.outputThatNeverWaits());
        Optional<Message> first = master.receive();
        if (first.isEmpty()) {
            return ExitCode.STOPPED; // the master was gone before we began
        }
        if (!(first.get() instanceof Message.Configure identity)) {
            throw new IOException("the master did not begin with who this worker is");
        }
        return new Worker(identity, Configuration.ofEffective(identity.entries()), master).live();
    }

    private ExitCode live() throws Exception {
        long started = System.nanoTime();
        List<Descriptor> sockets = inheritedListeners();
        if (identity.supervised()) {
            // a terminal sends these to master and workers alike: the master decides what they mean for a worker
            Signals.disregard(Signals.Name.INT);
            Signals.disregard(Signals.Name.HUP);
            Thread.ofPlatform().name("control").daemon().start(this::followMaster);
        }
        Application application;
        try {
            application = Application.load(configuration.worker().module(), new WorkerContext(
                    configuration.variables(), identity.worker(), identity.generation(), phase));
        } catch (ApplicationException e) {
            LOG.error("{}: the application cannot be loaded: {}", label(), e.getMessage(), e.getCause());
            return ExitCode.APPLICATION_CANNOT_LOAD;
        }
        WorkerSettings settings = configuration.worker();
        Optional<RequestLog> requestLog =
                configuration.log().requests() ? Optional.of(RequestLog.toStandardError()) : Optional.empty();
        Exchange exchange = new Exchange(
                application.handler(), new RequestGate(settings.threads(), settings.threadsWait()), phase, requestLog);
        DeadlineWatch watch = new DeadlineWatch();
        watch.start();
        Connections connections =
                new Connections(settings, sockets.size(), exchange, phase, watch, () -> events.add(Event.UNUSED));
        for (int i = 0; i < sockets.size(); i++) {
            listeners.add(new Listener(
                    configuration.listeners().get(i), sockets.get(i), connections, acceptingThreads()));
        }
        becomeReady();
        LOG.info("{}: ready after {} ms", label(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started));
        listeners.forEach(Listener::start);
        ExitCode code = serveUntilToldToEnd(connections);
        close(application);
        if (requestLog.isPresent()) {
            requestLog.get().close();
        }
        return code;
    }

    /// A worker that shares its listeners with nobody accepts on a virtual thread.
    private Thread.Builder acceptingThreads() {
        return configuration.master().processes() == 1 ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
    }

    /// Nothing that the application starts may have them.
    private List<Descriptor> inheritedListeners() throws IOException {
        List<Descriptor> sockets = new ArrayList<>();
        for (int i = 0; i < configuration.listeners().size(); i++) {
            Descriptor socket = new Descriptor(FIRST_LISTENER + i);
            socket.closeOnExec();
            sockets.add(socket);
        }
        return sockets;
    }

    /// From here on an order to end is one to finish first.
    private synchronized void becomeReady() throws IOException {
        listenToSignals();
        isReady = true;
        if (identity.supervised()) {
            master.send(new Message.Ready());
        }
    }

    private ExitCode serveUntilToldToEnd(Connections connections) throws InterruptedException {
        Event event = events.take();
        long until = System.nanoTime() + configuration.worker().reloadMercy().toNanos();
        phase.drainUntil(until);
        endAnyway(configuration.worker().reloadMercy().plus(LONGEST_END));
        LOG.info("{}: {}, {} connections open", label(), event == Event.STOP ? "stopping" : "draining",
                connections.count());
        for (Listener listener : listeners) {
            listener.stop();
        }
        if (event == Event.STOP) {
            listeners.forEach(listener -> listener.takeQueued(until));
        }
        if (isUnusedBefore(until, connections, event == Event.STOP)) {
            return ExitCode.STOPPED;
        }
        LOG.warn("{}: {} connections are cut off: reload-mercy is over, or a second signal came", label(),
                connections.count());
        endAnyway(LAST_WORDS.plus(LONGEST_END));
        phase.drainUntil(System.nanoTime());
        connections.interruptAll();
        isUnusedBefore(System.nanoTime() + LAST_WORDS.toNanos(), connections, true);
        return ExitCode.CUT_SHORT;
    }

    /// Whether the last connection ends before the time is over, and before a second signal ends the wait.
    ///
    /// @param isStopping whether the listeners' queues have been taken already
    private boolean isUnusedBefore(long untilNanos, Connections connections, boolean isStopping)
            throws InterruptedException {
        boolean hasTakenQueues = isStopping;
        while (!connections.isUnused()) {
            long left = untilNanos - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            connections.hurryIdle();
            Event event = events.poll(Math.min(left, HURRY_INTERVAL.toNanos()), TimeUnit.NANOSECONDS);
            if (event == Event.STOP_NOW) {
                return false;
            }
            if (event == Event.STOP && !hasTakenQueues) {
                hasTakenQueues = true;
                listeners.forEach(listener -> listener.takeQueued(untilNanos));
            }
        }
        return true;
    }

    /// Ends the process after that time, whatever the application, its shutdown hooks or a blocked log are doing.
    private void endAnyway(Duration after) {
        Thread.ofPlatform().name("end").daemon().start(() -> {
            try {
                Thread.sleep(after);
            } catch (InterruptedException _) {
                LOG.debug("{}: nobody should interrupt this", label());
            }
            Runtime.getRuntime().halt(ExitCode.CUT_SHORT.status());
        });
    }

    private void followMaster() {
        try {
            for (Optional<Message> message = master.receive(); message.isPresent(); message = master.receive()) {
                if (message.get() instanceof Message.Drain(boolean stopping)) {
                    end(stopping ? Event.STOP : Event.DRAIN);
                }
            }
            LOG.warn("{}: the master is gone; finishing", label());
            end(Event.STOP);
        } catch (MalformedMessage e) {
            LOG.error("{}: the master cannot be understood; finishing: {}", label(), e.getMessage());
            end(Event.DRAIN);
        } catch (IOException e) {
            LOG.warn("{}: the master is gone; finishing: {}", label(), e.getMessage());
            end(Event.STOP);
        }
    }

    /// Before the worker is ready there is nothing to finish, and the application may take long to load.
    private synchronized void end(Event how) {
        if (!isReady) {
            Runtime.getRuntime().halt(ExitCode.STOPPED.status());
        }
        events.add(how);
    }

    /// Until now TERM simply ended the process.
    private void listenToSignals() {
        if (identity.supervised()) {
            Signals.on(Signals.Name.TERM, this::askMasterToBeReplaced);
        } else {
            Runnable stop = new Runnable() {
                private boolean isSecond;

                @Override
                public synchronized void run() {
                    events.add(isSecond ? Event.STOP_NOW : Event.STOP);
                    isSecond = true;
                }
            };
            Signals.on(Signals.Name.TERM, stop);
            Signals.on(Signals.Name.INT, stop);
            Signals.on(Signals.Name.HUP, () -> LOG.warn("HUP: this version cannot reload; nothing was done"));
        }
    }

    private void askMasterToBeReplaced() {
        try {
            master.send(new Message.EndRequested());
        } catch (IOException e) {
            LOG.warn("{}: the master cannot be asked; finishing: {}", label(), e.getMessage());
            end(Event.DRAIN);
        }
    }

    /// The process is to end with the code that it has earned, whatever the application throws now.
    private void close(Application application) {
        try {
            application.close();
        } catch (Exception | Error e) {
            LOG.error("{}: the application failed to close", label(), e);
        }
    }

    private WorkerLabel label() {
        return new WorkerLabel(identity.worker(), identity.generation(), ProcessHandle.current().pid());
    }
}
