package loomgate.server.config;

import static loomgate.server.config.option.Option.option;

import java.time.Duration;
import java.util.List;
import loomgate.server.config.option.Chapter;
import loomgate.server.config.option.Given;
import loomgate.server.config.option.Option;
import loomgate.server.config.option.Values;

/// How slow a peer may be that is never silent for long.
///
/// @param leastPerSecond bytes of a body or an answer, 0 for any number
/// @param grace          how far it may lag behind that
public record PaceSettings(long leastPerSecond, Duration grace) {

    static final Option<Long> MIN_RATE = option("min-rate", Values.amount("BYTES", "bytes per second", 1))
            .in(Chapter.REQUESTS).standard(500L)
            .summary("The least that a peer has to send of a body, or to take of an answer; 0 is any rate.")
            .prose("""
                    Only the time counts in which the server waits for the peer. A body that lags behind by more than \
                    `min-rate-grace` is answered with 408; an answer of which less is taken within `socket-timeout` \
                    is cut off.""")
            .declared();

    static final Option<Duration> MIN_RATE_GRACE = option("min-rate-grace", Values.secondsAboveZero())
            .in(Chapter.REQUESTS).standard(Duration.ofSeconds(20))
            .summary("How far a body may lag behind min-rate.")
            .prose("""
                    What a peer sends faster makes up for earlier pauses, and never for later ones: a body may begin \
                    fast, and does not earn the right to end slowly.""")
            .declared();

    static final List<Option<?>> OPTIONS = List.of(MIN_RATE, MIN_RATE_GRACE);

    static PaceSettings from(Given given) {
        return new PaceSettings(MIN_RATE.in(given), MIN_RATE_GRACE.in(given));
    }
}
