package loomgate.server.master;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import loomgate.server.command.CommandServer;
import loomgate.server.config.Configuration;
import loomgate.server.control.ExitCode;
import loomgate.server.master.MasterEvent.ForTable;
import loomgate.server.master.MasterEvent.LogReopenRequested;
import loomgate.server.master.MasterEvent.ReloadRequested;
import loomgate.server.master.table.TableEvent.StopRequested;
import loomgate.server.master.table.TableSettings;
import loomgate.server.master.table.WorkerTable;
import loomgate.server.os.Descriptor;
import loomgate.server.os.HeldSignals;
import loomgate.server.os.Signals;
import loomgate.server.status.StatusServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The process that supervises workers: how it begins, as the program that was started or as one that takes the place
/// of another, and ends. [Supervision] is what it does meanwhile.
public final class Master {

    private static final Logger LOG = LoggerFactory.getLogger(Master.class);

    private Master() {}

    /// Opens the listeners and supervises workers until told to stop.
    ///
    /// @param reading reads the configuration anew, for a reload
    /// @param own     how this program was started
    /// @param starter the channel to a process that waits for the first worker to be ready
    public static ExitCode run(Configuration configuration, Callable<Configuration> reading, OwnProgram own,
            Optional<Descriptor> starter) throws StartException, IOException, InterruptedException {
        LinkedBlockingQueue<MasterEvent> events = new LinkedBlockingQueue<>();
        hearSignals(events);
        Starter waiting = new Starter(starter);
        waiting.onLoss(() -> events.add(new ForTable(new StopRequested())));
        Startup startup = Startup.of(configuration);
        Generations generations = new Generations(configuration.master().vacuum());
        boolean hasBegun = false;
        try {
            PinnedClassPath.deleteAbandoned();
            generations.begin(configuration, startup.program(), startup.listeners());
            AwakeClock clock = new AwakeClock(System::nanoTime);
            WorkerTable table =
                    new WorkerTable(TableSettings.of(configuration), new SplittableRandom(), clock.now());
            Supervision supervision =
                    new Supervision(configuration, reading, generations, events, clock, table, waiting);
            MasterSteering steering = new MasterSteering(
                    MasterSteering.identity(configuration.startedWith().orElse(Path.of("")), configuration.files()),
                    generations, clock::now, events::add);
            try (CommandServer commands = hearCommands(steering)) {
                hasBegun = true;
                supervision.starting();
                LOG.info("master pid {}: {} workers of {}", ProcessHandle.current().pid(),
                        configuration.master().processes(), configuration.worker().module());
                return supervision.run(steering, commands, own, startup.status(), startup.pidFile());
            }
        } finally {
            if (!hasBegun) {
                startup.undo();
            }
            generations.deleteCopies();
            startup.status().ifPresent(StatusServer::close);
            LOG.info("master pid {}: stopped", ProcessHandle.current().pid());
        }
    }

    /// Goes on where another program has left off, which this process was until now; then replaces its workers.
    ///
    /// @param heritage what that one left
    /// @param reading  reads the configuration anew
    public static ExitCode succeed(Descriptor heritage, Callable<Configuration> reading, OwnProgram own)
            throws StartException, IOException, InterruptedException {
        LinkedBlockingQueue<MasterEvent> events = new LinkedBlockingQueue<>();
        Succession succession = inherited(heritage);
        HeldSignals.stopIgnoring(succession.heritage().ignored());
        hearSignals(events);
        HeldSignals.deliver();
        Generations generations = new Generations(succession.configuration().master().vacuum());
        generations.resume(succession.generations(), succession.heritage().last());
        AwakeClock clock = new AwakeClock(System::nanoTime);
        Heritage left = succession.heritage();
        WorkerTable table = WorkerTable.of(left.current(), succession.settings(),
                left.workers().stream().map(Heritage.Worker::life).toList(), left.ends(), new SplittableRandom(),
                clock.now());
        Supervision supervision = new Supervision(succession.configuration(), reading, generations, events, clock,
                table, new Starter(Optional.empty()));
        supervision.resume(succession.current().configuration(), left.workers());
        MasterSteering steering = new MasterSteering(
                MasterSteering.identity(Path.of(left.ini()), left.files()), generations, clock::now, events::add);
        Optional<StatusServer> status = Optional.empty();
        try (CommandServer commands = CommandServer.over(new Descriptor(left.commands()), steering)) {
            LOG.info("master pid {}: the installed program has taken over, with {} processes of workers",
                    ProcessHandle.current().pid(), left.workers().size());
            if (!succession.configuration().log().touchReopen().isEmpty()) {
                events.add(new LogReopenRequested(Requester.NOBODY)); // its touch may have been missed
            }
            events.add(new ReloadRequested(left.client().isPresent()
                    ? MasterSteering.answering(commands.resume(new Descriptor(left.client().getAsInt())))
                    : Requester.NOBODY));
            status = succession.status();
            return supervision.run(steering, commands, own, status, succession.pidFile());
        } finally {
            generations.deleteCopies();
            status.ifPresent(StatusServer::close);
            LOG.info("master pid {}: stopped", ProcessHandle.current().pid());
        }
    }

    private static Succession inherited(Descriptor heritage) throws StartException {
        try {
            Succession succession = Succession.read(heritage);
            heritage.close();
            succession.keepToItself();
            return succession;
        } catch (IOException e) {
            throw new StartException(ExitCode.INTERNAL_ERROR, "what the program before has left is of no use: "
                    + e.getMessage() + "; its workers finish what they have, and end");
        }
    }

    /// Sees to it that this program could go on where the master leaves off that asks.
    ///
    /// @param heritage what that one would leave
    /// @param present  the configuration as it is now
    public static void requireFit(Descriptor heritage, Configuration present) throws StartException {
        try {
            Succession.read(heritage);
        } catch (IOException e) {
            throw new StartException(ExitCode.NOT_UPGRADED, e.getMessage());
        }
        if (!present.master().supervised()) {
            throw new StartException(ExitCode.NOT_UPGRADED, "master = false takes a restart");
        }
    }

    private static void hearSignals(LinkedBlockingQueue<MasterEvent> events) {
        Signals.on(Signals.Name.TERM, () -> events.add(new ForTable(new StopRequested())));
        Signals.on(Signals.Name.INT, () -> events.add(new ForTable(new StopRequested())));
        Signals.on(Signals.Name.USR1, () -> events.add(new LogReopenRequested(Requester.NOBODY)));
        Signals.on(Signals.Name.HUP, () -> events.add(new ReloadRequested(Requester.NOBODY)));
    }

    private static CommandServer hearCommands(MasterSteering steering) throws StartException {
        try {
            return CommandServer.start(steering);
        } catch (IOException e) {
            throw new StartException(ExitCode.CANNOT_LISTEN, "commands cannot be heard at @loomgate/"
                    + ProcessHandle.current().pid() + ": " + e.getMessage() + "; `ss -xlp` says who has that name");
        }
    }
}
