package loomgate.server.master;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import loomgate.server.command.CommandServer;
import loomgate.server.config.Configuration;
import loomgate.server.control.ExitCode;
import loomgate.server.control.Message;
import loomgate.server.control.Vitals;
import loomgate.server.control.WorkerLabel;
import loomgate.server.master.MasterEvent.Asked;
import loomgate.server.master.MasterEvent.ChildEnded;
import loomgate.server.master.MasterEvent.ForTable;
import loomgate.server.master.MasterEvent.LogReopenRequested;
import loomgate.server.master.MasterEvent.ReloadRefused;
import loomgate.server.master.MasterEvent.ReloadRequested;
import loomgate.server.master.MasterEvent.UpgradeRequested;
import loomgate.server.master.table.Action;
import loomgate.server.master.table.MemoryLimits;
import loomgate.server.master.table.TableEvent;
import loomgate.server.master.table.TableEvent.Alive;
import loomgate.server.master.table.TableEvent.Exited;
import loomgate.server.master.table.TableEvent.SpawnFailed;
import loomgate.server.master.table.TableEvent.Spawned;
import loomgate.server.master.table.TableEvent.StopRequested;
import loomgate.server.master.table.WorkerEnd;
import loomgate.server.master.table.WorkerTable;
import loomgate.server.os.Descriptor;
import loomgate.server.os.ExitStatus;
import loomgate.server.os.OsException;
import loomgate.server.os.Processes;
import loomgate.server.os.StandardOutput;
import loomgate.server.status.Health;
import loomgate.server.status.StatusServer;
import loomgate.server.systemd.ServiceManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Supervises the workers: one thread that takes an event, lets [WorkerTable] decide and does what it says; the others
/// only enqueue.
final class Supervision {

    private static final Logger LOG = LoggerFactory.getLogger(Supervision.class);

    private static final Duration PAUSE = Duration.ofSeconds(1); // after what nothing can be done about
    private static final Duration PREPARATION_WAIT = Duration.ofSeconds(1); // of a generation that is not needed now

    private final Configuration configuration; // of the first start
    private final Generations generations;
    private final Reloading reloading;
    private final ServiceManager manager = ServiceManager.of(System.getenv(), ProcessHandle.current().pid());
    private final AwakeClock clock;
    private final Starter starter;
    private final WorkerTable table;
    private final Health health = new Health(System::nanoTime);
    private final LinkedBlockingQueue<MasterEvent> events;
    private final Map<Integer, WorkerProcess> processes = new ConcurrentHashMap<>(); // by pid; those not reaped
    private final ChildWatch children;

    Supervision(Configuration configuration, Callable<Configuration> reading, Generations generations,
            LinkedBlockingQueue<MasterEvent> events, AwakeClock clock, WorkerTable table, Starter starter) {
        this.events = events;
        this.starter = starter;
        this.configuration = configuration;
        this.generations = generations;
        this.reloading = new Reloading(configuration, reading, generations, manager, table::longestStep,
                events::add);
        this.clock = clock;
        this.table = table;
        this.children = new ChildWatch(processes, events::add);
    }

    /// The first worker is about to be started.
    void starting() {
        manager.starting(table.longestStep());
    }

    /// Goes on with the workers of another program.
    ///
    /// @param current the configuration of the current generation
    void resume(Configuration current, List<Heritage.Worker> workers) {
        reloading.committed(current);
        workers.forEach(this::resume);
        health.turned(table.readiness(clock.now())); // who asks meanwhile is not to hear that the server starts
        manager.resumed();
    }

    private void resume(Heritage.Worker worker) {
        int pid = (int) worker.life().label().pid();
        processes.put(pid, WorkerProcess.resume(pid, new Descriptor(worker.control()), this::add));
    }

    /// From any thread.
    private void add(TableEvent event) {
        events.add(new ForTable(event));
    }

    /// Supervises until the last worker is gone, and takes away what was made.
    ExitCode run(MasterSteering steering, CommandServer commands, OwnProgram own,
            Optional<StatusServer> status, Optional<PidFile> pidFile) throws InterruptedException {
        status.ifPresent(server -> server.start(health));
        new TouchWatch(configuration.master().touchReload(), () ->
                events.add(new ReloadRequested(Requester.NOBODY))).start();
        new TouchWatch(configuration.log().touchReopen(), () ->
                events.add(new LogReopenRequested(Requester.NOBODY))).start();
        Estate estate = new Estate(configuration, steering.identity(), status, pidFile, commands, generations, table,
                processes, clock::now);
        ExitCode code = supervise(new Upgrade(own, estate, children::childStarted, manager, this::upgradeObstacle,
                () -> events.isEmpty() && commands.awaiting() <= 1)); // the one is who waits for the upgrade
        reloading.awaitPreparation(PREPARATION_WAIT);
        if (configuration.master().vacuum()) {
            Vacuum.run(generations.listeners(), pidFile);
        }
        generations.deleteCopies();
        steering.stopped(code);
        return code;
    }

    private Optional<String> upgradeObstacle() {
        if (!table.hasStarted()) {
            return Optional.of(table.phase().isToldToStop() ? "it stops" : "it has not started yet");
        }
        return reloading.isBusy() ? Optional.of("a reload is under way; try again when it is done") : Optional.empty();
    }

    private ExitCode supervise(Upgrade upgrade) throws InterruptedException {
        children.start();
        new MemorySampler(processes.keySet(), this::hasEvilLimit, this::add).start();
        while (true) {
            try {
                Optional<ExitCode> exit = performDue();
                if (exit.isPresent()) {
                    return exit.get();
                }
                health.turned(table.readiness(clock.now()));
                upgrade.turn(clock.now());
                applyNext(upgrade);
                manager.turned(table.serving(), table.generation());
            } catch (RuntimeException | Error e) {
                goOnAfter("something that happened to the workers", e);
            }
        }
    }

    /// Whether any generation has a limit that the master sees to; the next may bring one. Asked by another thread.
    private boolean hasEvilLimit() {
        return generations.all().stream().anyMatch(generation ->
                MemoryLimits.of(generation.configuration().master().recycling()).hasEvil());
    }

    /// Without the master all workers would end. An [Error] is most likely a want of memory or threads, which can pass:
    /// what has not been done then may be lost, but whoever is told twice is told again.
    private static void goOnAfter(String what, Throwable failure) {
        try {
            if (failure instanceof Error) {
                LOG.error("{} failed, perhaps for want of memory or threads; the master goes on", what, failure);
                pause();
            } else {
                LOG.error("{} failed, which is a fault of Loomgate's own; the master goes on", what, failure);
            }
        } catch (Error _) {
            pause(); // it cannot even be said
        }
    }

    /// Does what is due, and what becomes due by that.
    private Optional<ExitCode> performDue() {
        for (List<Action> due = table.due(clock.now()); !due.isEmpty(); due = table.due(clock.now())) {
            for (Action action : due) {
                if (action instanceof Action.Exit(ExitCode code)) {
                    return Optional.of(code);
                }
                try {
                    perform(action);
                } catch (RuntimeException | Error e) {
                    goOnAfter(action.toString(), e);
                }
            }
        }
        return Optional.empty();
    }

    /// Waits for an event or a deadline, and takes in all that has happened by then: a sign of life that is in the
    /// queue was given in time, however late we are.
    private void applyNext(Upgrade upgrade) throws InterruptedException {
        long wait = AwakeClock.LONGEST_WAIT.toNanos();
        OptionalLong deadline = table.nextDeadline();
        if (deadline.isPresent()) {
            wait = Math.min(wait, deadline.getAsLong() - clock.now());
        }
        MasterEvent event = events.poll(wait, TimeUnit.NANOSECONDS);
        Duration pause = clock.pause();
        if (pause.isPositive()) {
            LOG.warn("master pid {} did not run for {} ms (stopped, the machine suspended or overloaded): what is"
                    + " waited for gets as much more time", ProcessHandle.current().pid(), pause.toMillis());
        }
        for (int left = events.size(); event != null; left--) { // and not what comes meanwhile
            apply(event, upgrade);
            event = left > 0 ? events.poll() : null;
        }
        if (table.hasStarted()) {
            starter.tellReady();
        }
    }

    private void apply(MasterEvent event, Upgrade upgrade) {
        switch (event) {
            case ChildEnded(int pid) -> reap(pid).ifPresent(status -> upgrade.childEnded(pid, status));
            case UpgradeRequested(Requester requester, Descriptor client) ->
                upgrade.request(requester, client, clock.now());
            case ReloadRequested(Requester observer) -> reloading.request(observer);
            case LogReopenRequested(Requester requester) -> reopenLog(requester);
            case ReloadRefused(ExitCode code, String problem) -> reloading.ended(code, problem);
            case Asked(Consumer<WorkerTable> question) -> question.accept(table);
            case ForTable(StopRequested stop) -> {
                LOG.info("asked to stop");
                table.apply(stop, clock.now());
            }
            case ForTable(Alive(int pid, long fineUntil, Vitals vitals)) ->
                table.apply(new Alive(pid, clock.at(fineUntil), vitals), clock.now());
            case ForTable(TableEvent other) -> table.apply(other, clock.now());
        }
    }

    /// Ours and the workers'. Where the log is no file of ours, somebody else looks after it.
    private void reopenLog(Requester requester) {
        Optional<Path> file = configuration.log().logto();
        if (file.isEmpty()) {
            String text = "there is no log to open anew: it goes to standard error";
            LOG.info(text);
            requester.ended(ExitCode.STOPPED, text);
            return;
        }
        try {
            StandardOutput.becomes(StandardOutput.open(file.get().toString()));
            LOG.info("the log was opened anew");
            processes.values().forEach(process -> process.send(new Message.ReopenLog()));
            requester.ended(ExitCode.STOPPED, file.get() + " was opened anew");
        } catch (OsException e) {
            String text = file.get() + " cannot be opened anew, the old file is used on: " + e.getMessage();
            LOG.error(text);
            requester.ended(ExitCode.CONFIGURATION_WRONG, text);
        }
    }

    /// Only this thread reaps, and only this thread kills: a pid that it kills is still the worker's.
    private Optional<ExitStatus> reap(int pid) {
        try {
            ExitStatus status = Processes.reap(pid);
            processes.remove(pid);
            table.apply(new Exited(pid, status, Instant.now()), clock.now());
            return Optional.of(status);
        } catch (IOException e) {
            LOG.error("pid {} has ended and cannot be reaped: {}", pid, e.getMessage());
            return Optional.empty();
        } finally {
            children.childReaped();
        }
    }

    private void perform(Action action) {
        switch (action) {
            case Action.Spawn(int worker, int generation) -> spawn(worker, generation);
            case Action.AskToStop(int pid) -> processes.get(pid).send(new Message.Drain(true));
            case Action.AskToDrain(int pid) -> processes.get(pid).send(new Message.Drain(false));
            case Action.Dump(int pid) -> signal(pid, Processes::quit);
            case Action.Kill(int pid) -> signal(pid, Processes::kill);
            case Action.Leave(Duration delay) -> {
                LOG.info("all workers serve on for {} (shutdown-delay)", WorkerEnd.rounded(delay));
                manager.leaving(delay, table.longestStop());
            }
            case Action.CloseListeners() -> {
                manager.stopping(table.longestStop());
                generations.closeListeners();
            }
            case Action.DropGeneration(int generation) -> generations.drop(generation);
            case Action.ReloadCommitted(int generation) ->
                reloading.committed(generations.get(generation).configuration());
            case Action.ReloadProgress(String text) -> reloading.progress(text);
            case Action.ReloadEnded(boolean isGood, String text) ->
                reloading.ended(isGood ? ExitCode.STOPPED : ExitCode.WORKERS_DIE, text);
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

    private void spawn(int worker, int generation) {
        try {
            WorkerProcess process = WorkerProcess.spawn(worker, generations.get(generation), this::add);
            processes.put(process.pid(), process);
            LOG.info("{}: spawned", new WorkerLabel(worker, generation, process.pid()));
            table.apply(new Spawned(worker, generation, process.pid()), clock.now());
        } catch (IOException | RuntimeException e) {
            LOG.error("worker {} cannot be started: {}", worker, e.getMessage());
            table.apply(new SpawnFailed(worker, generation), clock.now());
        } finally {
            children.childStarted();
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

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            LOG.error("nobody should interrupt this", e);
        }
    }
}
