package loomgate.server.config;

import static loomgate.server.config.option.Option.option;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import loomgate.server.config.option.Chapter;
import loomgate.server.config.option.Given;
import loomgate.server.config.option.InvalidValue;
import loomgate.server.config.option.Option;
import loomgate.server.config.option.ValueKind;
import loomgate.server.config.option.Values;

/// How long a request may take, and what is done about one that takes longer.
///
/// @param harakiri       longest time for a request, zero for any
/// @param grace          how long a request may go on after it was interrupted, before its worker is replaced
/// @param verbose        whether the end of a request at its limit is logged with its stack
/// @param extension      most time that the application can add to `harakiri`
/// @param slow           time from which a request is reported, zero for never
/// @param cancellation   which requests end when their client goes away
public record DeadlineSettings(Duration harakiri, Duration grace, boolean verbose, Duration extension, Duration slow,
        Cancellation cancellation) {

    /// Which requests are cancelled when their client goes away.
    public enum Cancellation {
        /// None.
        OFF,
        /// GET, HEAD and OPTIONS, which change nothing (RFC 9110 section 9.2.1).
        SAFE,
        ALL;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static final Option<Duration> HARAKIRI = option("harakiri", Values.seconds())
            .in(Chapter.REQUESTS).letter('t').standard(Duration.ZERO)
            .summary("The longest time for a request; 0 is for ever.")
            .prose("""
                    The client is answered with 504, the handler's thread is interrupted, and a request that goes on \
                    nevertheless is left behind with its worker, which is replaced. Counts from the moment that the \
                    head of the request is read.""")
            .uwsgi("Ends the request alone, with an answer, and not the process with everything in it.")
            .declared();

    static final Option<Duration> HARAKIRI_GRACE = option("harakiri-grace", Values.seconds())
            .in(Chapter.REQUESTS).standard(Duration.ofSeconds(2))
            .summary("How long a request may go on after harakiri has interrupted it.")
            .prose("Then its worker is replaced: the new one serves before the old one finishes its other requests.")
            .declared();

    static final Option<Boolean> HARAKIRI_VERBOSE = option("harakiri-verbose", Values.flag())
            .in(Chapter.REQUESTS).standard(false)
            .summary("Logs the stack of a request that harakiri ends.")
            .prose("Twice, a moment apart, with the state of its thread.")
            .uwsgi("The stack of the request's own thread, where uWSGI shows the process's system call.")
            .declared();

    static final Option<Duration> HARAKIRI_EXTENSION = option("harakiri-extension", Values.seconds())
            .in(Chapter.REQUESTS).standard(Duration.ofMinutes(5))
            .summary("The most time that the application can add for a request.")
            .prose("By `Request.extendTimeLeft`; all that it asks for together. 0 leaves `harakiri` as it is.")
            .uwsgi("Bounds what `uwsgi.set_user_harakiri` does without a bound.")
            .declared();

    static final Option<Duration> LOG_SLOW = option("log-slow", milliseconds())
            .in(Chapter.LOG).standard(Duration.ZERO)
            .summary("Reports a request that takes longer than this; 0 reports none.")
            .prose("""
                    While it still runs, with the line of code that it is at. Nothing is done to it. What a client \
                    takes to send a body that is post-buffered does not count.""")
            .uwsgi("A line of its own in the log, since the request's line always comes.")
            .declared();

    static final Option<Cancellation> CANCEL_ON_DISCONNECT = option("cancel-on-disconnect", cancellationKind())
            .in(Chapter.REQUESTS).standard(Cancellation.SAFE)
            .summary("Interrupts a request whose client has gone away: safe, all or off.")
            .prose("""
                    `safe` means GET, HEAD and OPTIONS. Such a request is logged with status 499. Needs a gateway that \
                    passes on that its client has gone, as nginx does (`uwsgi_ignore_client_abort off`, the \
                    default).""")
            .declared();

    static final List<Option<?>> OPTIONS = List.of(HARAKIRI, HARAKIRI_GRACE, HARAKIRI_VERBOSE, HARAKIRI_EXTENSION,
            CANCEL_ON_DISCONNECT, LOG_SLOW);

    static DeadlineSettings from(Given given) {
        return new DeadlineSettings(HARAKIRI.in(given), HARAKIRI_GRACE.in(given), HARAKIRI_VERBOSE.in(given),
                HARAKIRI_EXTENSION.in(given), LOG_SLOW.in(given), CANCEL_ON_DISCONNECT.in(given));
    }

    private static ValueKind<Duration> milliseconds() {
        ValueKind<Long> number = Values.amount("MS", "milliseconds", 1);
        return new ValueKind<>("MS", number.unit(), number.range(), number.bare(),
                (text, directories) -> Duration.ofMillis(number.reading().read(text, directories)),
                duration -> Long.toString(duration.toMillis()));
    }

    private static ValueKind<Cancellation> cancellationKind() {
        String words = Arrays.stream(Cancellation.values()).map(Cancellation::word).collect(Collectors.joining(", "));
        return ValueKind.of("WHICH", (text, _) -> {
            for (Cancellation cancellation : Cancellation.values()) {
                if (cancellation.word().equalsIgnoreCase(text)) {
                    return cancellation;
                }
            }
            throw new InvalidValue("'" + text + "' is none of " + words);
        }, Cancellation::word).allowing(words);
    }
}
