package loomgate.server.master;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongSupplier;
import loomgate.server.command.CommandServer;
import loomgate.server.command.Identity;
import loomgate.server.config.Configuration;
import loomgate.server.master.table.Inherited;
import loomgate.server.master.table.WorkerLife;
import loomgate.server.master.table.WorkerTable;
import loomgate.server.os.Descriptor;
import loomgate.server.os.HeldSignals;
import loomgate.server.status.StatusServer;

/// All that a master has and another program could go on with.
///
/// @param configuration of the first start
/// @param processes     by pid
/// @param clock         that the table has
record Estate(Configuration configuration, Identity identity, Optional<StatusServer> status, Optional<PidFile> pidFile,
        CommandServer commands, Generations generations, WorkerTable table, Map<Integer, WorkerProcess> processes,
        LongSupplier clock) {

    /// As it is now. The workers' descriptors in it are duplicates, and the caller's to close: those that their threads
    /// read from are closed by these when a worker ends.
    ///
    /// @param client the connection to who waits for the outcome
    Heritage heritage(OptionalInt client) throws IOException {
        List<Generation> all = generations.all();
        List<OpenListener> listeners =
                all.stream().flatMap(generation -> generation.listeners().stream()).distinct().toList();
        return new Heritage(configuration.effective(), identity.ini().toString(), identity.files(),
                status.map(Estate::status), pidFile.map(written -> file(written.file())),
                commands.listener().number(), client, listeners.stream().map(Estate::listener).toList(),
                all.stream().map(generation -> generation(generation, listeners)).toList(), table.generation(),
                generations.last(), HeldSignals.ignored(), workers(), table.ends());
    }

    /// One that has let go of its channel is as good as ended: its end will be told.
    private List<Heritage.Worker> workers() throws IOException {
        List<Heritage.Worker> workers = new ArrayList<>();
        for (WorkerLife life : table.lives()) {
            WorkerProcess process = processes.get(life.pid());
            if (process != null) {
                process.duplicateControl().ifPresent(control -> workers.add(worker(life, control)));
            }
        }
        return workers;
    }

    private Heritage.Worker worker(WorkerLife life, Descriptor control) {
        return new Heritage.Worker(Inherited.of(life, clock.getAsLong()), control.number());
    }

    private static Heritage.Status status(StatusServer server) {
        return new Heritage.Status(server.listener().number(), server.address());
    }

    private static Heritage.File file(OwnFile file) {
        return new Heritage.File(file.path(), file.device(), file.inode(), file.hold().number());
    }

    private static Heritage.Listener listener(OpenListener listener) {
        return new Heritage.Listener(listener.socket().number(), listener.address(), listener.isPassed(),
                listener.file().map(Estate::file));
    }

    private static Heritage.OfGeneration generation(Generation generation, List<OpenListener> listeners) {
        return new Heritage.OfGeneration(generation.number(), generation.configuration().effective(),
                generation.program(), generation.classPath().folder(),
                generation.listeners().stream().map(listeners::indexOf).toList());
    }
}
