package loomgate.server.master;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import loomgate.server.config.ListenAddress;
import loomgate.server.master.table.Inherited;
import loomgate.server.master.table.WorkerEnd;
import loomgate.server.os.Signals;

/// What a master leaves to the program that this process is going to be, as a [HeritageText]: all that cannot be found
/// out anew. Descriptors are given by their numbers.
///
/// @param settings    [loomgate.server.config.Configuration#effective()] of the first start
/// @param ini         what the server was started with; empty if with none
/// @param files       that were read then
/// @param status      where the status is answered, if it is
/// @param pidFile     if one was written
/// @param commands    where commands are heard
/// @param client      who waits for the outcome, if somebody does
/// @param listeners   all, each once
/// @param generations that there are processes of, the oldest first
/// @param current     the number of the one that workers are started with
/// @param last        the highest number that a generation had, fit or not
/// @param ignored     signals that this process does not care for
/// @param workers     the processes that are not reaped
/// @param ends        of processes that are
record Heritage(List<String> settings, String ini, List<Path> files, Optional<Status> status,
        Optional<File> pidFile, int commands, OptionalInt client, List<Listener> listeners,
        List<OfGeneration> generations, int current, int last, Set<Signals.Name> ignored, List<Worker> workers,
        List<WorkerEnd> ends) {

    /// An [OwnFile].
    record File(Path path, long device, long inode, int hold) {}

    /// A [loomgate.server.status.StatusServer].
    record Status(int socket, ListenAddress.Tcp address) {}

    /// An [OpenListener]; what it is set to, its generation says.
    record Listener(int socket, String address, boolean isPassed, Optional<File> file) {}

    /// A [Generation].
    ///
    /// @param listeners by their places in [Heritage#listeners()]; in the order of the settings
    record OfGeneration(
            int number, List<String> settings, WorkerProgram program, Path folder, List<Integer> listeners) {}

    /// What the table knows of a worker, and its [WorkerProcess].
    record Worker(Inherited life, int control) {}

    Heritage {
        settings = List.copyOf(settings);
        files = List.copyOf(files);
        listeners = List.copyOf(listeners);
        generations = List.copyOf(generations);
        ignored = Set.copyOf(ignored);
        workers = List.copyOf(workers);
        ends = List.copyOf(ends);
    }

    /// The numbers of all descriptors in it.
    List<Integer> descriptors() {
        List<Integer> numbers = new ArrayList<>(List.of(commands));
        client.ifPresent(numbers::add);
        status.ifPresent(left -> numbers.add(left.socket()));
        pidFile.ifPresent(file -> numbers.add(file.hold()));
        for (Listener listener : listeners) {
            numbers.add(listener.socket());
            listener.file().ifPresent(file -> numbers.add(file.hold()));
        }
        workers.forEach(worker -> numbers.add(worker.control()));
        return numbers;
    }
}
