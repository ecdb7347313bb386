package loomgate.server.master.table;

import java.util.OptionalLong;
import loomgate.server.control.ExitCode;

/// Where the master is in its life. Times are readings of its monotonic clock, in nanoseconds.
///
/// ```
///                first worker ready         told to stop               shutdown-delay over        all are gone
///   FirstStart ────────────────────▶ Running ───────────▶ Leaving ──────────────────────▶ Ending ────────────▶ Ended
///       │                               │                   │ told to stop again            ▲
///       │                               │                   └───────────────────────────────┤
///       │                               └── told to stop, without a shutdown-delay ─────────┤
///       └────────────────────────────────── told to stop, or no worker can be ready ────────┘
/// ```
public sealed interface MasterPhase {

    /// No worker has been ready yet.
    record FirstStart() implements MasterPhase {}

    /// Workers serve, and are replaced.
    record Running() implements MasterPhase {}

    /// As before for those who are served, but there is an end to it: they have time to go elsewhere.
    record Leaving(long stopAt) implements MasterPhase {}

    /// Workers finish what there is, and none is started any more.
    ///
    /// @param code with which the master will end
    record Ending(ExitCode code) implements MasterPhase {}

    /// Nothing is left to do.
    record Ended() implements MasterPhase {}

    /// Whether it is known that the server will stop.
    default boolean isToldToStop() {
        return switch (this) {
            case FirstStart _, Running _ -> false;
            case Leaving _, Ending _, Ended _ -> true;
        };
    }

    /// Whether workers that end are followed by others.
    default boolean replacesWorkers() {
        return switch (this) {
            case Running _, Leaving _ -> true;
            case FirstStart _, Ending _, Ended _ -> false;
        };
    }

    /// When the next one begins although nothing happens.
    default OptionalLong deadline() {
        return this instanceof Leaving(long stopAt) ? OptionalLong.of(stopAt) : OptionalLong.empty();
    }
}
