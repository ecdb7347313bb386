package loomgate.server.master.table;

import java.util.Optional;
import java.util.stream.Stream;
import loomgate.server.config.RecyclingSettings;
import loomgate.server.control.EndCause;
import loomgate.server.control.Vitals;
import loomgate.server.control.WorkerLabel;

/// How much memory workers may have; 0 is any.
///
/// @param addressSpace     bytes at which a worker asks to be replaced
/// @param resident         likewise
/// @param evilAddressSpace bytes at which the master kills it
/// @param evilResident     likewise
public record MemoryLimits(long addressSpace, long resident, long evilAddressSpace, long evilResident) {

    private static final long MEGABYTE = 1024 * 1024;

    public static MemoryLimits of(RecyclingSettings settings) {
        return new MemoryLimits(settings.onAddressSpace(), settings.onResident(), settings.evilAddressSpace(),
                settings.evilResident());
    }

    /// A limit that is reached.
    ///
    /// @param cause named like the option that sets it
    record Reached(EndCause cause, long limit, long bytes) {

        /// As uWSGI says it, for whoever watches logs for that.
        String asEvil(WorkerLabel label) {
            return "*** EVIL RELOAD ON WORKER " + label.worker()
                    + (cause == EndCause.EVIL_RESIDENT_MEMORY ? " RSS: " : " ADDRESS SPACE: ") + bytes
                    + " (pid: " + label.pid() + ") ***";
        }

        /// Of a worker that has just become ready: each that follows would reach it as well.
        String asTooLow() {
            long megabytes = Math.ceilDiv(bytes, MEGABYTE);
            long enough = Math.ceilDiv(megabytes * 5 / 4, 10L) * 10;
            return cause + " = " + limit / MEGABYTE + ": a fresh worker has " + megabytes
                    + " MB already; give at least " + enough;
        }
    }

    public boolean hasEvil() {
        return evilAddressSpace > 0 || evilResident > 0;
    }

    Optional<Reached> evilReached(Vitals vitals) {
        return Stream.of(
                        reached(EndCause.EVIL_ADDRESS_SPACE, evilAddressSpace, vitals.addressSpace()),
                        reached(EndCause.EVIL_RESIDENT_MEMORY, evilResident, vitals.resident()))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /// Any of them, evil or not.
    Optional<Reached> reached(Vitals vitals) {
        return Stream.of(
                        reached(EndCause.ADDRESS_SPACE, addressSpace, vitals.addressSpace()),
                        reached(EndCause.RESIDENT_MEMORY, resident, vitals.resident()),
                        evilReached(vitals))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<Reached> reached(EndCause cause, long limit, long bytes) {
        return limit > 0 && bytes >= limit ? Optional.of(new Reached(cause, limit, bytes)) : Optional.empty();
    }
}
