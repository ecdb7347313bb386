package loomgate.server.worker.carrier;

import java.util.concurrent.TimeUnit;

/// Decides how many carriers there should be, from what was last seen alone.
///
/// @param normal    carriers that the JVM was started with
/// @param mostExtra carriers that may be added
record RescuePolicy(int normal, int mostExtra) {

    /// A carrier that is only busy is free again long before this.
    static final long STARVED = TimeUnit.MILLISECONDS.toNanos(100);

    /// When nobody is known to occupy a carrier the machine may just be slow; then it takes longer to be sure.
    static final long STARVED_BY_UNKNOWN = TimeUnit.SECONDS.toNanos(1);

    /// How long all has to be well before carriers are taken away again.
    static final long RECOVERED = TimeUnit.SECONDS.toNanos(1);

    /// @param waiting   how long a virtual thread that could run has been waiting for a carrier, 0 if none does
    /// @param occupants virtual threads that are known to have kept a carrier since the last look
    CarrierState next(CarrierState state, long waiting, int occupants, long now) {
        if (waiting >= (occupants > 0 ? STARVED : STARVED_BY_UNKNOWN)) {
            int extra = Math.min(mostExtra, state.extra() + Math.max(normal, occupants));
            return new CarrierState.Rescued(extra, now);
        }
        return switch (state) {
            case CarrierState.Normal normally -> normally;
            case CarrierState.Rescued(int extra, _) when occupants > 0 || waiting >= STARVED ->
                new CarrierState.Rescued(extra, now);
            case CarrierState.Rescued(_, long since) when now - since >= RECOVERED -> new CarrierState.Normal();
            case CarrierState.Rescued rescued -> rescued;
        };
    }
}
