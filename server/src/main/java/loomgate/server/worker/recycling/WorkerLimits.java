package loomgate.server.worker.recycling;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;
import loomgate.server.config.RecyclingSettings;
import loomgate.server.control.EndCause;
import loomgate.server.control.Vitals;

/// Decides whether a worker has used up what it may, from its figures alone.
///
/// @param requests     after which it is to be replaced, 0 for never
/// @param addressSpace bytes, 0 for any
/// @param resident     bytes, 0 for any
/// @param minLifetime  age before which nothing counts
public record WorkerLimits(long requests, long addressSpace, long resident, Duration minLifetime) {

    private static final int SPREAD = 10; // up to a tenth earlier

    /// Those of the worker with that number, with its own share of chance, so that workers do not reach them together.
    public static WorkerLimits of(RecyclingSettings settings, int worker, RandomGenerator random) {
        long requests = 0;
        if (settings.maxRequests() > 0) {
            long latest = settings.maxRequests() + (worker - 1) * settings.maxRequestsDelta();
            requests = latest - random.nextLong(latest / SPREAD + 1);
        }
        return new WorkerLimits(requests, settings.onAddressSpace(), settings.onResident(), settings.minLifetime());
    }

    /// The same without the limits that a worker of these figures has reached before its first request: they would have
    /// every worker replaced as soon as it serves.
    public WorkerLimits above(Vitals fresh) {
        return new WorkerLimits(requests,
                isReached(fresh.addressSpace(), addressSpace) ? 0 : addressSpace,
                isReached(fresh.resident(), resident) ? 0 : resident, minLifetime);
    }

    /// Whether so many requests are enough, for a worker that is [old enough][#isOldEnough].
    public boolean areEnough(long answered) {
        return isReached(answered, requests);
    }

    /// The limit of memory that is reached, if one is, for a worker that is [old enough][#isOldEnough].
    public Optional<EndCause> exceededMemory(Vitals vitals) {
        if (isReached(vitals.addressSpace(), addressSpace)) {
            return Optional.of(EndCause.ADDRESS_SPACE);
        }
        return isReached(vitals.resident(), resident) ? Optional.of(EndCause.RESIDENT_MEMORY) : Optional.empty();
    }

    /// Whether any limit counts at that age.
    public boolean isOldEnough(Duration age) {
        return age.compareTo(minLifetime) >= 0;
    }

    private static boolean isReached(long figure, long limit) {
        return limit > 0 && figure >= limit;
    }
}
