package loomgate.server.worker.carrier;

/// How it stands with the carriers. Times are nanoseconds of a monotonic clock.
///
/// ```
///          a probe does not run                   still none runs
///   Normal ───────────────────▶ Rescued(extra) ──────────────────▶ Rescued(more extra)
///     ▲                            │ probes run, and nobody has occupied a carrier for a while
///     └────────────────────────────┘
/// ```
sealed interface CarrierState {

    /// As many as the JVM was started with.
    record Normal() implements CarrierState {}

    /// @param extra  carriers above the normal number
    /// @param freeSince when the last occupant was seen to be gone, or this began
    record Rescued(int extra, long freeSince) implements CarrierState {}

    default int extra() {
        return switch (this) {
            case Normal() -> 0;
            case Rescued(int extra, _) -> extra;
        };
    }
}
