package loomgate.server.master;

/// What the master knows about the worker of one number. Times are readings of the master's monotonic clock, in
/// nanoseconds.
///
/// ```
///              Spawn            Ready
///   Missing ──────────▶ Starting ─────▶ Serving ─────▶ Stopping ─────▶ Killed
///      ▲                   │ exit          │ exit         │ exit          │ exit
///      └───────────────────┴───────────────┘              ▼               ▼
///            (with a delay, if it keeps dying)           Gone            Gone
/// ```
sealed interface WorkerState {

    /// There is no process; there is to be one from then on.
    record Missing(long spawnAt) implements WorkerState {}

    /// The process loads the application.
    record Starting(int pid) implements WorkerState {}

    /// The process takes connections.
    record Serving(int pid, long since) implements WorkerState {}

    /// The process was asked to finish.
    record Stopping(int pid, long killAt) implements WorkerState {}

    /// The process was sent SIGKILL and is not reaped yet.
    record Killed(int pid) implements WorkerState {}

    /// There is no process, and there will be none.
    record Gone() implements WorkerState {}

    /// The process, 0 if there is none.
    default int process() {
        return switch (this) {
            case Missing _, Gone _ -> 0;
            case Starting(int pid) -> pid;
            case Serving(int pid, _) -> pid;
            case Stopping(int pid, _) -> pid;
            case Killed(int pid) -> pid;
        };
    }
}
