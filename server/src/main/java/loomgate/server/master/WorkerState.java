package loomgate.server.master;

/// What the master knows about the worker of one number. Times are readings of the master's monotonic clock, in
/// nanoseconds.
///
/// ```
///            Spawn           Ready           TERM to it        soon
///   Missing ───────▶ Starting ────▶ Serving ───────────▶ Leaving ───▶ Draining
///      ▲                │              │                    │             │
///      └─────── exit, with a delay if it keeps dying ───────┴─────────────┘
///
///   when the master stops:
///   Missing ─▶ Gone     Starting, Serving, Leaving, Draining ─▶ Stopping
///   Stopping, Killed ── exit ──▶ Gone          Draining, Stopping ── too late ──▶ Killed
/// ```
sealed interface WorkerState {

    /// There is no process; there is to be one from then on.
    record Missing(long spawnAt) implements WorkerState {}

    /// The process loads the application.
    record Starting(int pid) implements WorkerState {}

    /// The process takes connections.
    record Serving(int pid, long since) implements WorkerState {}

    /// The process got TERM from somebody. It is drained a moment later, unless the master got one too: then it is to
    /// stop, and to take what waits in the listeners' queues with it.
    record Leaving(int pid, long drainAt) implements WorkerState {}

    /// The process was asked to finish what it has; another is to follow it.
    record Draining(int pid, long killAt) implements WorkerState {}

    /// The process was asked to finish what there is; none will follow.
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
            case Leaving(int pid, _) -> pid;
            case Draining(int pid, _) -> pid;
            case Stopping(int pid, _) -> pid;
            case Killed(int pid) -> pid;
        };
    }
}
