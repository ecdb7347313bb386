package loomgate.server.master;

import loomgate.server.os.ExitStatus;

/// Something that happened to the master.
sealed interface MasterEvent {

    /// A worker's process was started, as asked.
    record Spawned(int worker, int pid) implements MasterEvent {}

    /// A worker's process could not be started.
    record SpawnFailed(int worker) implements MasterEvent {}

    /// A worker takes connections.
    record Ready(int pid) implements MasterEvent {}

    /// Somebody sent a worker TERM.
    record EndRequested(int pid) implements MasterEvent {}

    /// A worker said what cannot be understood.
    record Garbled(int pid) implements MasterEvent {}

    /// A child has ended and is to be reaped.
    record ChildEnded(int pid) implements MasterEvent {}

    /// A child has ended and was reaped; not necessarily a worker, if the master is PID 1.
    record Exited(int pid, ExitStatus status) implements MasterEvent {}

    /// TERM or INT arrived.
    record StopRequested() implements MasterEvent {}
}
