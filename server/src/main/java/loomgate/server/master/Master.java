package loomgate.server.master;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import loomgate.server.config.Configuration;
import loomgate.server.config.MasterSettings;
import loomgate.server.control.ExitCode;
import loomgate.server.control.Message;
import loomgate.server.master.MasterEvent.ChildEnded;
import loomgate.server.master.MasterEvent.Exited;
import loomgate.server.master.MasterEvent.ReloadRequested;
import loomgate.server.master.MasterEvent.SpawnFailed;
import loomgate.server.master.MasterEvent.Spawned;
import loomgate.server.master.MasterEvent.StopRequested;
import loomgate.server.os.Descriptor;
import loomgate.server.os.ExitStatus;
import loomgate.server.os.Processes;
import loomgate.server.os.Signals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Supervises the workers: one thread that takes an event, lets [WorkerTable] decide and does what it says; the others
/// only enqueue.
public final class Master {

    private static final Logger LOG = LoggerFactory.getLogger(Master.class);

    private static final Duration BLIND_PAUSE = Duration.ofSeconds(1);

    /// What a worker that has ended said before is there already, unless a process that it started holds the channel.
    private static final Duration LAST_WORDS = Duration.ofMillis(100);

    private final Configuration configuration;
    private final WorkerProgram program;
    private final List<OpenListener> listeners;
    private final Starter starter;
    private final WorkerTable table;
    private final LinkedBlockingQueue<MasterEvent> events;
    private final Semaphore spawned = new Semaphore(0); // there may be a child to watch again
    private final Semaphore reaped = new Semaphore(0); // the child whose end was told is gone
    private final Map<Integer, WorkerProcess> processes = new ConcurrentHashMap<>(); // by pid; those not reaped

    private Master(Configuration configuration, WorkerProgram program, List<OpenListener> listeners,
            LinkedBlockingQueue<MasterEvent> events, Starter starter) {
        this.events = events;
        this.starter = starter;
        this.configuration = configuration;
        this.program = program;
        this.listeners = listeners;
        MasterSettings settings = configuration.master();
        this.table = new WorkerTable(settings.processes(), settings.reloadMercy(), settings.startTimeout(),
                settings.recycling(), new SplittableRandom(), System.nanoTime());
    }

    /// Opens the listeners and supervises workers until told to stop.
    ///
    /// @param starter the channel to a process that waits for the first worker to be ready
    public static ExitCode run(Configuration configuration, Optional<Descriptor> starter)
            throws StartException, IOException, InterruptedException {
        LinkedBlockingQueue<MasterEvent> events = new LinkedBlockingQueue<>();
        Signals.on(Signals.Name.TERM, () -> events.add(new StopRequested()));
        Signals.on(Signals.Name.INT, () -> events.add(new StopRequested()));
        Signals.on(Signals.Name.HUP, () -> events.add(new ReloadRequested()));
        Starter waiting = new Starter(starter);
        waiting.onLoss(() -> events.add(new StopRequested()));
        Startup startup = Startup.of(configuration);
        Master master = new Master(configuration, startup.program(), startup.listeners(), events, waiting);
        LOG.info("master pid {}: {} workers of {}", ProcessHandle.current().pid(),
                configuration.master().processes(), configuration.worker().module());
        try {
            return master.supervise();
        } finally {
            if (configuration.master().vacuum()) {
                Vacuum.run(master.listeners, startup.pidFile());
            }
            LOG.info("master pid {}: stopped", ProcessHandle.current().pid());
        }
    }

    private ExitCode supervise() throws InterruptedException {
        Thread.ofPlatform().name("children").daemon().start(this::watchChildren);
        if (MemoryLimits.of(configuration.master().recycling()).hasEvil()) {
            new MemorySampler(processes.keySet(), events::add).start();
        }
        while (true) {
            try {
                Optional<ExitCode> exit = performDue();
                if (exit.isPresent()) {
                    return exit.get();
                }
                applyNext();
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
                try {
                    perform(action);
                } catch (RuntimeException e) {
                    LOG.error("{} failed, which is a fault of Loomgate's own; the master goes on", action, e);
                }
            }
        }
        return Optional.empty();
    }

    /// Waits for an event or a deadline, and takes in all that has happened by then: a sign of life that is in the
    /// queue was given in time, however late we are.
    private void applyNext() throws InterruptedException {
        OptionalLong deadline = table.nextDeadline();
        MasterEvent event = deadline.isEmpty()
                ? events.take()
                : events.poll(deadline.getAsLong() - System.nanoTime(), TimeUnit.NANOSECONDS);
        while (event != null) {
            apply(event);
            event = events.poll();
        }
        if (table.hasStarted()) {
            starter.tellReady();
        }
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
            table.apply(new Exited(pid, status, Instant.now()), System.nanoTime());
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
            case Action.Dump(int pid) -> signal(pid, Processes::quit);
            case Action.Kill(int pid) -> signal(pid, Processes::kill);
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
        } catch (IOException | RuntimeException e) {
            LOG.error("worker {} cannot be started: {}", worker, e.getMessage());
            table.apply(new SpawnFailed(worker), System.nanoTime());
        }
    }

    private interface Sending {
        void to(int pid) throws IOException;
    }

    /// Only to a process that is still ours: a pid that was reaped may be anybody's.
    private void signal(int pid, Sending signal) {
        if (!processes.containsKey(pid)) {
            throw new IllegalStateException("pid " + pid + " is no worker's");
        }
        try {
            signal.to(pid);
        } catch (IOException e) {
            LOG.error("pid {} cannot be signalled: {}", pid, e.getMessage());
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

    /// Tells of each end of a child, once, after what the child said. It is this thread's only work, so that nothing
    /// else waits; and it never ends, since without it the master would be blind.
    private void watchChildren() {
        while (true) {
            try {
                watchNextChild();
            } catch (IOException | RuntimeException e) {
                LOG.error("children cannot be waited for; trying again in {} ms", BLIND_PAUSE.toMillis(), e);
                pause();
            } catch (InterruptedException e) {
                LOG.error("nobody should interrupt this", e);
            }
        }
    }

    private void watchNextChild() throws IOException, InterruptedException {
        OptionalInt pid = Processes.awaitEnd();
        if (pid.isEmpty()) {
            spawned.acquire();
            return;
        }
        WorkerProcess process = processes.get(pid.getAsInt());
        if (process != null) {
            process.awaitLastWords(LAST_WORDS);
        }
        events.add(new ChildEnded(pid.getAsInt()));
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
