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
import loomgate.server.config.ListenerSettings;
import loomgate.server.config.WorkerSettings;
import loomgate.server.control.ExitCode;
import loomgate.server.control.Message;
import loomgate.server.control.MessageChannel;
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

    /// Something that makes the worker go on to the next part of its life.
    private enum Event {
        DRAIN,
        STOP,
        STOP_NOW,
        ALL_DONE
    }

    private final Message.Configure identity;
    private final Configuration configuration;
    private final MessageChannel master;
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Phase.Current phase = new Phase.Current();
    private final List<Listener> listeners = new ArrayList<>();

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
            throw new IOException("the master began with " + first.get());
        }
        return new Worker(identity, Configuration.ofEffective(identity.entries()), master).live();
    }

    private ExitCode live() throws Exception {
        long started = System.nanoTime();
        ignoreTheTerminal();
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
        Exchange exchange =
                new Exchange(application.handler(), new RequestGate(settings.threads(), settings.threadsWait()), phase, requestLog);
        DeadlineWatch watch = new DeadlineWatch();
        watch.start();
        Connections connections = new Connections(settings, exchange, phase, watch);
        openListeners(connections);
        LOG.info("{}: ready after {} ms", label(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started));
        listenToSignals();
        listenToMaster();
        ExitCode code = serveUntilToldToEnd(connections);
        close(application);
        if (requestLog.isPresent()) {
            requestLog.get().close();
        }
        return code;
    }

    private void openListeners(Connections connections) throws IOException {
        int descriptor = FIRST_LISTENER;
        for (ListenerSettings settings : configuration.listeners()) {
            listeners.add(new Listener(settings, new Descriptor(descriptor++), connections));
        }
        listeners.forEach(Listener::start);
    }

    private ExitCode serveUntilToldToEnd(Connections connections) throws IOException, InterruptedException {
        Event event = events.take();
        if (event == Event.STOP_NOW) {
            return ExitCode.CUT_SHORT;
        }
        long until = System.nanoTime() + configuration.worker().reloadMercy().toNanos();
        phase.drainUntil(until);
        boolean isStopping = event == Event.STOP;
        LOG.info("{}: {}, {} connections open", label(), isStopping ? "stopping" : "draining", connections.count());
        for (Listener listener : listeners) {
            listener.stop();
        }
        if (isStopping) {
            for (Listener listener : listeners) {
                listener.acceptQueued();
            }
        }
        connections.drain(() -> events.add(Event.ALL_DONE));
        if (isDoneBefore(until, connections)) {
            return ExitCode.STOPPED;
        }
        LOG.warn("{}: {} connections are cut off: reload-mercy is over, or a second signal came", label(),
                connections.count());
        phase.drainUntil(System.nanoTime());
        connections.interruptAll();
        isDoneBefore(System.nanoTime() + LAST_WORDS.toNanos(), connections);
        return ExitCode.CUT_SHORT;
    }

    /// Whether the last connection ends before the time is over, or before a second signal ends the wait.
    private boolean isDoneBefore(long untilNanos, Connections connections) throws InterruptedException {
        for (long left = untilNanos - System.nanoTime(); left > 0; left = untilNanos - System.nanoTime()) {
            connections.hurryIdle();
            Event event = events.poll(Math.min(left, HURRY_INTERVAL.toNanos()), TimeUnit.NANOSECONDS);
            if (event == Event.ALL_DONE) {
                return true;
            }
            if (event == Event.STOP_NOW) {
                return false;
            }
        }
        return false;
    }

    private void listenToMaster() throws IOException {
        if (identity.supervised()) {
            master.send(new Message.Ready());
            Thread.ofPlatform().name("control").daemon().start(this::followMaster);
        }
    }

    private void followMaster() {
        try {
            for (Optional<Message> message = master.receive(); message.isPresent(); message = master.receive()) {
                if (message.get() instanceof Message.Drain(boolean stopping)) {
                    events.add(stopping ? Event.STOP : Event.DRAIN);
                }
            }
            LOG.warn("{}: the master is gone; finishing", label());
        } catch (IOException e) {
            LOG.error("{}: the control channel broke; finishing", label(), e);
        }
        events.add(Event.STOP);
    }

    /// A terminal sends INT and HUP to master and workers alike: the master decides what they mean for a worker.
    private void ignoreTheTerminal() {
        if (identity.supervised()) {
            Signals.ignore(Signals.Name.INT);
            Signals.ignore(Signals.Name.HUP);
        }
    }

    /// Not before the application is loaded: until then, TERM simply ends the process.
    private void listenToSignals() {
        if (identity.supervised()) {
            Signals.on(Signals.Name.TERM, () -> events.add(Event.DRAIN));
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
        }
    }

    private void close(Application application) {
        try {
            application.close();
        } catch (Exception e) {
            LOG.error("{}: the application failed to close", label(), e);
        }
    }

    private String label() {
        return "worker " + identity.worker() + " gen " + identity.generation() + " pid " + ProcessHandle.current().pid();
    }
}
