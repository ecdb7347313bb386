package loomgate.server.config;

import static loomgate.server.config.option.Option.option;

import java.time.Duration;
import java.util.List;
import loomgate.server.config.option.Chapter;
import loomgate.server.config.option.Given;
import loomgate.server.config.option.Option;
import loomgate.server.config.option.Values;

/// What a worker may use up before it is replaced by a fresh one.
///
/// @param maxRequests      requests, 0 for any number
/// @param maxRequestsDelta more requests for each worker number after the first
/// @param onAddressSpace   bytes of address space, 0 for any
/// @param onResident       bytes of resident memory, 0 for any
/// @param evilAddressSpace bytes of address space at which the master kills it, 0 for any
/// @param evilResident     bytes of resident memory at which the master kills it, 0 for any
/// @param maxLifetime      time since it was ready, zero for any
/// @param minLifetime      time since it was ready before which none of the above counts
public record RecyclingSettings(long maxRequests, long maxRequestsDelta, long onAddressSpace, long onResident,
        long evilAddressSpace, long evilResident, Duration maxLifetime, Duration minLifetime) {

    private static final long MEGABYTE = 1024 * 1024;

    static final Option<Long> MAX_REQUESTS = option("max-requests", Values.amount("N", "requests", 1))
            .in(Chapter.PROCESSES).letter('R').standard(0L)
            .summary("Requests after which a worker is replaced; 0 is never.")
            .prose("Up to a tenth of them earlier, at random, so that workers do not reach it together.")
            .uwsgi("The replacement serves before the old worker stops, one worker at a time.")
            .declared();

    static final Option<Long> MAX_REQUESTS_DELTA =
            option("max-requests-delta", Values.amount("N", "requests", 1))
                    .in(Chapter.PROCESSES).standard(0L)
                    .summary("Adds so many requests to max-requests for each worker after the first.")
                    .declared();

    static final Option<Long> RELOAD_ON_AS = option("reload-on-as", Values.amount("MB", "megabytes", MEGABYTE))
            .in(Chapter.PROCESSES).standard(0L)
            .summary("Address space of a worker at which it is replaced; 0 is never.")
            .prose("""
                    A JVM reserves far more addresses than it uses; the workers' are sized to fit this limit. A full \
                    collection decides first whether the memory is really held.""")
            .declared();

    static final Option<Long> RELOAD_ON_RSS = option("reload-on-rss", Values.amount("MB", "megabytes", MEGABYTE))
            .in(Chapter.PROCESSES).standard(0L)
            .summary("Resident memory of a worker at which it is replaced; 0 is never.")
            .prose("A full collection decides first whether the memory is really held.")
            .declared();

    static final Option<Long> EVIL_RELOAD_ON_AS =
            option("evil-reload-on-as", Values.amount("MB", "megabytes", MEGABYTE))
                    .in(Chapter.PROCESSES).standard(0L)
                    .summary("Address space of a worker at which the master kills it; 0 is never.")
                    .prose("With its requests, at once. For what `reload-on-as` does not catch.")
                    .declared();

    static final Option<Long> EVIL_RELOAD_ON_RSS =
            option("evil-reload-on-rss", Values.amount("MB", "megabytes", MEGABYTE))
                    .in(Chapter.PROCESSES).standard(0L)
                    .summary("Resident memory of a worker at which the master kills it; 0 is never.")
                    .prose("With its requests, at once. For what `reload-on-rss` does not catch.")
                    .declared();

    static final Option<Duration> MAX_WORKER_LIFETIME = option("max-worker-lifetime", Values.seconds())
            .in(Chapter.PROCESSES).alias("worker-lifetime").standard(Duration.ZERO)
            .summary("Age at which a worker is replaced; 0 is never.")
            .prose("Up to a tenth of it earlier, at random, so that workers do not reach it together.")
            .declared();

    static final Option<Duration> MIN_WORKER_LIFETIME = option("min-worker-lifetime", Values.seconds())
            .in(Chapter.PROCESSES).standard(Duration.ZERO)
            .summary("Age before which max-requests, reload-on-as and reload-on-rss do not count.")
            .uwsgi("The default is 0, where uWSGI's 10 silently put off every limit.")
            .declared();

    static final List<Option<?>> OPTIONS = List.of(MAX_REQUESTS, MAX_REQUESTS_DELTA, MAX_WORKER_LIFETIME,
            MIN_WORKER_LIFETIME, RELOAD_ON_AS, RELOAD_ON_RSS, EVIL_RELOAD_ON_AS, EVIL_RELOAD_ON_RSS);

    static RecyclingSettings from(Given given) {
        Duration max = MAX_WORKER_LIFETIME.in(given);
        Duration min = MIN_WORKER_LIFETIME.in(given);
        if (max.isPositive() && min.compareTo(max) >= 0) {
            given.problems().error(given.counting(MIN_WORKER_LIFETIME).getLast().entry().at(),
                    "min-worker-lifetime must be lower than max-worker-lifetime");
        }
        return new RecyclingSettings(MAX_REQUESTS.in(given), MAX_REQUESTS_DELTA.in(given), RELOAD_ON_AS.in(given),
                RELOAD_ON_RSS.in(given), EVIL_RELOAD_ON_AS.in(given), EVIL_RELOAD_ON_RSS.in(given), max, min);
    }
}
