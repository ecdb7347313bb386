package loomgate.server.master;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import loomgate.server.config.Configuration;
import loomgate.server.control.ExitCode;
import loomgate.server.control.Message;
import loomgate.server.master.MasterEvent.ChildEnded;
import loomgate.server.master.MasterEvent.Exited;
import loomgate.server.master.MasterEvent.SpawnFailed;
import loomgate.server.master.MasterEvent.Spawned;
import loomgate.server.master.MasterEvent.StopRequested;
import loomgate.server.os.ExitStatus;
import loomgate.server.os.Processes;
import loomgate.server.os.Signals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Supervises the workers: one thread that takes an event, lets [WorkerTable] decide and does what it says; the others
/// only enqueue.
public final class Master {

    private static final Logger LOG = LoggerFactory.getLogger(Master.class);

    private final Configuration configuration;
    private final WorkerProgram program;
    private final List<OpenListener> listeners;
    private final WorkerTable table;
    private final LinkedBlockingQueue<MasterEvent> events;
    private final Semaphore spawned = new Semaphore(0); // there may be a child to watch again
    private final Semaphore reaped = new Semaphore(0); // the child whose end was told is gone
    private final Map<Integer, WorkerProcess> processes = new HashMap<>(); // by pid

    private Master(Configuration configuration, WorkerProgram program, List<OpenListener> listeners,
            LinkedBlockingQueue<MasterEvent> events) {
        this.events = events;
        this.configuration = configuration;
        this.program = program;
        this.listeners = listeners;
        this.table = new WorkerTable(
                configuration.master().processes(), configuration.master().reloadMercy(), System.nanoTime());
    }

    /// Opens the listeners and supervises workers until told to stop.
    public static ExitCode run(Configuration configuration) throws StartException, IOException, InterruptedException {
        LinkedBlockingQueue<MasterEvent> events = new LinkedBlockingQueue<>();
        Signals.on(Signals.Name.TERM, () -> events.add(new StopRequested()));
        Signals.on(Signals.Name.INT, () -> events.add(new StopRequested()));
        Signals.on(Signals.Name.HUP, () -> LOG.warn("HUP: this version cannot reload; nothing was done"));
        Startup startup = Startup.of(configuration);
        Master master = new Master(configuration, startup.program(), startup.listeners(), events);
        LOG.info("master pid {}: {} workers of {}", ProcessHandle.current().pid(),
                configuration.master().processes(), configuration.worker().module());
        return master.supervise();
    }

    private ExitCode supervise() throws InterruptedException {
        Thread.ofPlatform().name("children").daemon().start(this::watchChildren);
        while (true) {
            try {
                Optional<ExitCode> exit = performDue();
                if (exit.isPresent()) {
                    LOG.info("master pid {}: stopped", ProcessHandle.current().pid());
                    return exit.get();
                }
                Optional<MasterEvent> event = nextEvent();
                if (event.isPresent()) {
                    apply(event.get());
                }
            } catch (RuntimeException e) {
                LOG.error("this is a fault of Loomgate's own; the master goes on", e);
            }
        }
    }

    /// Does what is due, and what becomes due by that.
    private Optional<ExitCode> performDue() {
        for (List<Action> due = table.due(System.nanoTime()); !due.isEmpty(); due = table.due(System.nanoTime())) {
            for (Action action : due) {
                if (action instanceof Action.Exit(ExitCode code)) {
                    return Optional.of(code);
                }
                perform(action);
            }
        }
        return Optional.empty();
    }

    private Optional<MasterEvent> nextEvent() throws InterruptedException {
        OptionalLong deadline = table.nextDeadline();
        return deadline.isEmpty()
                ? Optional.of(events.take())
                : Optional.ofNullable(events.poll(deadline.getAsLong() - System.nanoTime(), TimeUnit.NANOSECONDS));
    }

    private void apply(MasterEvent event) {
        switch (event) {
            case ChildEnded(int pid) -> reap(pid);
            case StopRequested() -> {
                LOG.info("asked to stop");
                table.apply(event, System.nanoTime());
            }
            default -> table.apply(event, System.nanoTime());
        }
    }

    /// Only this thread reaps, and only this thread kills: a pid that it kills is still the worker's.
    private void reap(int pid) {
        try {
            ExitStatus status = Processes.reap(pid);
            processes.remove(pid);
            table.apply(new Exited(pid, status), System.nanoTime());
        } catch (IOException e) {
            LOG.error("pid {} has ended and cannot be reaped: {}", pid, e.getMessage());
        } finally {
            reaped.release();
        }
    }

    private void perform(Action action) {
        switch (action) {
            case Action.Spawn(int worker) -> spawn(worker);
            case Action.AskToStop(int pid) -> processes.get(pid).send(new Message.Drain(true));
            case Action.AskToDrain(int pid) -> processes.get(pid).send(new Message.Drain(false));
            case Action.Kill(int pid) -> kill(pid);
            case Action.CloseListeners() -> closeListeners();
            case Action.Report(Action.Report.Severity severity, String text) -> {
                switch (severity) {
                    case INFO -> LOG.info(text);
                    case WARNING -> LOG.warn(text);
                    case ERROR -> LOG.error(text);
                }
            }
            case Action.Exit _ -> throw new IllegalArgumentException("the loop ends with it");
        }
    }

    private void spawn(int worker) {
        try {
            WorkerProcess process = WorkerProcess.spawn(worker, program, listeners, configuration, events::add);
            processes.put(process.pid(), process);
            LOG.info("{}: spawned", WorkerTable.label(worker, process.pid()));
            table.apply(new Spawned(worker, process.pid()), System.nanoTime());
            spawned.release();
        } catch (IOException e) {
            LOG.error("worker {} cannot be started: {}", worker, e.getMessage());
            table.apply(new SpawnFailed(worker), System.nanoTime());
        }
    }

    private static void kill(int pid) {
        try {
            Processes.kill(pid);
        } catch (IOException e) {
            LOG.error("pid {} cannot be killed: {}", pid, e.getMessage());
        }
    }

    private void closeListeners() {
        for (OpenListener listener : listeners) {
            try {
                listener.refuseAndClose();
            } catch (IOException e) {
                LOG.error("{} could not be closed: {}", listener.address(), e.getMessage());
            }
        }
    }

    /// Tells of each end of a child, once. It is this thread's only work, so that nothing else waits.
    private void watchChildren() {
        try {
            while (true) {
                OptionalInt pid = Processes.awaitEnd();
                if (pid.isPresent()) {
                    events.add(new ChildEnded(pid.getAsInt()));
                    reaped.acquire();
                } else {
                    spawned.acquire();
                }
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("children cannot be waited for", e);
        }
    }
}
