package loomgate.server.master.table;

import java.time.Instant;
import loomgate.server.control.EndCause;
import loomgate.server.control.Vitals;
import loomgate.server.os.ExitStatus;

/// Something that happened to the workers, or that somebody wants of them, and that [WorkerTable] has to take note of.
public sealed interface TableEvent {

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

    /// A child has ended and was reaped; not necessarily a worker, if the master is PID 1.
    ///
    /// @param at by the wall clock, for the ledger
    record Exited(int pid, ExitStatus status, Instant at) implements TableEvent {}

    /// A new generation can be started: its configuration is right, and all that it needs is there.
    record ReloadPrepared(int generation, TableSettings settings) implements TableEvent {}

    /// TERM or INT arrived, or somebody asked for a stop by other means.
    record StopRequested() implements TableEvent {}
}
