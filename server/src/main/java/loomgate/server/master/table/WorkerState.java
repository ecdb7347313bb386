package loomgate.server.master.table;

import java.util.OptionalLong;

/// Where a process of a worker is in its life. Times are readings of the master's monotonic clock, in nanoseconds.
///
/// ```
///              Ready            a cause to end           successor ready
///   Starting ─────────▶ Serving ──────────────▶ Unfit ───────────────────▶ Draining
///      │ start-timeout                                                       │ reload-mercy is over
///      ▼                                                                     ▼
///   Overdue ───────────────────── its threads were dumped ───────────────▶ Killed
///      └─ Ready ──────▶ Serving
///
///   when the master stops:  all but Killed ─▶ Stopping ── reload-mercy is over ──▶ Killed
///   beyond an evil limit, or not understood: all but Killed ─▶ Killed
/// ```
///
/// A process may end in any of them, and is forgotten then.
public sealed interface WorkerState {

    /// The process loads the application.
    record Starting(long overdueAt) implements WorkerState {}

    /// The process took too long to load the application. It prints what its threads are doing.
    record Overdue(long killAt) implements WorkerState {}

    /// The process takes connections.
    record Serving(OptionalLong tooOldAt) implements WorkerState {}

    /// The process takes connections until another takes its place.
    ///
    /// @param since       when that was known: who waited longest is first
    /// @param replaceFrom no other is started before
    record Unfit(long since, long replaceFrom) implements WorkerState {}

    /// The process was asked to finish what it has; another serves in its place.
    record Draining(long killAt) implements WorkerState {}

    /// The process was asked to finish what there is; none will follow.
    record Stopping(long killAt) implements WorkerState {}

    /// The process was sent SIGKILL and is not reaped yet.
    ///
    /// @param before what it was doing
    record Killed(WorkerState before) implements WorkerState {}

    /// When something is to happen although nothing was heard.
    default OptionalLong deadline() {
        return switch (this) {
            case Starting(long overdueAt) -> OptionalLong.of(overdueAt);
            case Overdue(long killAt) -> OptionalLong.of(killAt);
            case Serving(OptionalLong tooOldAt) -> tooOldAt;
            case Draining(long killAt) -> OptionalLong.of(killAt);
            case Stopping(long killAt) -> OptionalLong.of(killAt);
            case Unfit _, Killed _ -> OptionalLong.empty();
        };
    }
}
