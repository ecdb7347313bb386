package loomgate.server.master.table;

/// How far a reload has come: a transaction that nothing of the running generation takes part in until its first worker
/// is ready.
///
/// ```
///          prepared             its first worker is ready            all serve, or one fails
///   Idle ──────────▶ Trial ───────────────────────────────▶ Rolling ────────────────────────▶ Idle
///     ▲                │ it fails: the old generation has not noticed
///     └────────────────┘
/// ```
sealed interface ReloadState {

    /// None is under way.
    record Idle() implements ReloadState {}

    /// A generation is tried with one worker.
    record Trial(int generation) implements ReloadState {}

    /// The new generation is the current one; the workers of the old one are replaced, one after the other.
    ///
    /// @param serving workers of it that serve, as last told
    record Rolling(int serving) implements ReloadState {}
}
