package loomgate.server.representation;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Year;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/// `HTTP-date` of RFC 9110 section 5.6.7, in seconds since 1970.
public final class HttpDate {

    private static final DateTimeFormatter IMF_FIXDATE = exactly("EEE, dd MMM uuuu HH:mm:ss 'GMT'");
    private static final DateTimeFormatter ASCTIME = exactly("EEE MMM ppd HH:mm:ss uuuu");

    private static final Map<Long, String> DAYS = Map.of(1L, "Monday", 2L, "Tuesday", 3L, "Wednesday", 4L, "Thursday",
            5L, "Friday", 6L, "Saturday", 7L, "Sunday");

    private HttpDate() {}

    /// `IMF-fixdate`, the one form that may be sent.
    public static String format(long second) {
        return IMF_FIXDATE.format(Instant.ofEpochSecond(second));
    }

    /// Any of the three forms that have to be understood; empty if it is none of them, or a day that never was.
    ///
    /// @param thisYear decides of which century a year of two digits is
    static OptionalLong parse(String text, Year thisYear) {
        int comma = text.indexOf(',');
        DateTimeFormatter format = comma < 0 ? ASCTIME : comma == 3 ? IMF_FIXDATE : rfc850(thisYear);
        try {
            return OptionalLong.of(LocalDateTime.parse(text, format).toEpochSecond(ZoneOffset.UTC));
        } catch (DateTimeParseException _) {
            return OptionalLong.empty();
        }
    }

    /// The obsolete form whose year has two digits, and is at most 50 years ahead. Made when it is met, which is rare.
    private static DateTimeFormatter rfc850(Year thisYear) {
        return new DateTimeFormatterBuilder()
                .appendText(ChronoField.DAY_OF_WEEK, DAYS)
                .appendPattern(", dd-MMM-")
                .appendValueReduced(ChronoField.YEAR, 2, 2, thisYear.getValue() - 49)
                .appendPattern(" HH:mm:ss 'GMT'")
                .toFormatter(Locale.ROOT)
                .withResolverStyle(ResolverStyle.STRICT);
    }

    /// The root locale has the names of the grammar at hand; for any other the JDK loads a provider first.
    private static DateTimeFormatter exactly(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withResolverStyle(ResolverStyle.STRICT)
                .withZone(ZoneOffset.UTC);
    }
}
