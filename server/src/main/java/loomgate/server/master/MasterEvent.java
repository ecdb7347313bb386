package loomgate.server.master;

import java.time.Instant;
import java.util.function.Consumer;
import loomgate.server.control.EndCause;
import loomgate.server.control.ExitCode;
import loomgate.server.control.Vitals;
import loomgate.server.os.Descriptor;
import loomgate.server.os.ExitStatus;

/// Something that happened to the master.
sealed interface MasterEvent {

    /// What [WorkerTable] has to take note of. Of the others none changes by itself what becomes of a worker.
    sealed interface TableEvent extends MasterEvent {}

    /// A worker's process was started, as asked.
    record Spawned(int worker, int generation, int pid) implements TableEvent {}

    /// A worker's process could not be started.
    record SpawnFailed(int worker, int generation) implements TableEvent {}

    /// A worker takes connections.
    record Ready(int pid, Vitals vitals) implements TableEvent {}

    /// A worker promises to be heard of again before that time.
    record Alive(int pid, long fineUntil, Vitals vitals) implements TableEvent {}

    /// A worker says that it should be replaced.
    record ReplaceRequested(int pid, EndCause cause, String detail) implements TableEvent {}

    /// The kernel says how much memory a worker has, in bytes.
    record MemorySeen(int pid, long addressSpace, long resident) implements TableEvent {}

    /// A worker said what cannot be understood.
    record Garbled(int pid) implements TableEvent {}

    /// A child has ended and is to be reaped.
    record ChildEnded(int pid) implements MasterEvent {}

    /// A child has ended and was reaped; not necessarily a worker, if the master is PID 1.
    ///
    /// @param at by the wall clock, for the ledger
    record Exited(int pid, ExitStatus status, Instant at) implements TableEvent {}

    /// HUP arrived, or somebody asked for a reload by other means.
    record ReloadRequested(Requester observer) implements MasterEvent {}

    /// Somebody asks for the installed program to take this one's place.
    ///
    /// @param client another number for the connection to who asks
    record UpgradeRequested(Requester requester, Descriptor client) implements MasterEvent {}

    /// A new generation cannot even be tried.
    record ReloadRefused(ExitCode code, String problem) implements MasterEvent {}

    /// A new generation can be started: its configuration is right, and all that it needs is there.
    record ReloadPrepared(int generation, TableSettings settings) implements TableEvent {}

    /// USR1 arrived, or somebody asked by other means: the log's file is to be opened anew.
    record LogReopenRequested(Requester requester) implements MasterEvent {}

    /// Somebody asks for something that only the thread which has the table may look up, or do.
    record Asked(Consumer<WorkerTable> question) implements MasterEvent {}

    /// TERM or INT arrived.
    record StopRequested() implements TableEvent {}
}
