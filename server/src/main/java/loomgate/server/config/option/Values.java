package loomgate.server.config.option;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The kinds of values that are not peculiar to one option.
public final class Values {

    private static final Set<String> YES = Set.of("true", "yes", "on", "1");
    private static final Set<String> NO = Set.of("false", "no", "off", "0");
    private static final Pattern NUMBER = Pattern.compile("([0-9]+)(\\.[0-9]+)?(.*)");
    private static final long LARGEST_AMOUNT = 1L << 60;
    private static final int LONGEST_SECONDS = 365 * 24 * 3600;

    private Values() {}

    /// Yes or no; the name alone is a yes.
    public static ValueKind<Boolean> flag() {
        return ValueKind.of("BOOL", Values::yesOrNo, String::valueOf)
                .allowing("true, yes, on, 1; false, no, off, 0")
                .meaningWhenBare("true");
    }

    /// A whole number.
    public static ValueKind<Integer> count(int min, int max) {
        return ValueKind.of("N", (text, _) -> Math.toIntExact(wholeNumber(text, "", min, max)), String::valueOf)
                .allowing(min + " to " + max);
    }

    /// Zero or more of something; the value is a number of something smaller.
    ///
    /// @param unit   as the operator would say it: `megabytes`
    /// @param factor how many of the value's units there are in one of the operator's
    public static ValueKind<Long> amount(String argument, String unit, long factor) {
        return amount(argument, unit, factor, "0 or more", LARGEST_AMOUNT / factor);
    }

    /// As [#amount(String, String, long)], but no more than a number of the operator's units.
    public static ValueKind<Long> amount(String argument, String unit, long factor, long most) {
        return amount(argument, unit, factor, "0 to " + most, most);
    }

    private static ValueKind<Long> amount(String argument, String unit, long factor, String range, long most) {
        return new ValueKind<>(argument, unit, range, Optional.empty(),
                (text, _) -> wholeNumber(text, unit, 0, most) * factor, value -> Long.toString(value / factor));
    }

    /// A duration in seconds, which may have a fraction.
    public static ValueKind<Duration> seconds() {
        return new ValueKind<>("SECONDS", "seconds, fractions allowed", "0 to " + LONGEST_SECONDS, Optional.empty(),
                (text, _) -> duration(text), Values::inSeconds);
    }

    /// As [#seconds()], but not zero.
    public static ValueKind<Duration> secondsAboveZero() {
        ValueKind.Reading<Duration> reading = (text, _) -> {
            Duration duration = duration(text);
            if (duration.isZero()) {
                throw new InvalidValue("must be more than 0");
            }
            return duration;
        };
        return new ValueKind<>("SECONDS", "seconds, fractions allowed", "more than 0, up to " + LONGEST_SECONDS,
                Optional.empty(), reading, Values::inSeconds);
    }

    /// Any text but none.
    public static ValueKind<String> text(String argument) {
        return ValueKind.of(argument, (text, _) -> nonEmpty(text), Function.identity());
    }

    /// A path relative to where the server was started.
    public static ValueKind<Path> pathFromStart(String argument) {
        return ValueKind.of(argument, (text, directories) -> path(text, directories.started()), Path::toString);
    }

    /// A path relative to `chdir`.
    public static ValueKind<Path> pathFromChdir(String argument) {
        return ValueKind.of(argument, (text, directories) -> path(text, directories.chdir()), Path::toString);
    }

    /// An absolute path without detours.
    public static Path path(String text, Path base) throws InvalidValue {
        try {
            return base.resolve(nonEmpty(text)).normalize();
        } catch (InvalidPathException e) {
            throw new InvalidValue("no path: " + e.getReason());
        }
    }

    /// The text, unless there is none.
    public static String nonEmpty(String text) throws InvalidValue {
        if (text.isEmpty()) {
            throw new InvalidValue("needs a value");
        }
        return text;
    }

    private static boolean yesOrNo(String text, Directories directories) throws InvalidValue {
        String word = text.toLowerCase(Locale.ROOT);
        if (word.isEmpty() || YES.contains(word)) {
            return true;
        }
        if (NO.contains(word)) {
            return false;
        }
        throw new InvalidValue("'" + text + "' is neither true (yes, on, 1) nor false (no, off, 0)");
    }

    private static long wholeNumber(String text, String unit, long min, long max) throws InvalidValue {
        Matcher number = number(text, unit);
        if (number.group(2) != null) {
            throw new InvalidValue("'" + text + "' is no whole number");
        }
        BigInteger value = new BigInteger(number.group(1));
        if (value.compareTo(BigInteger.valueOf(min)) < 0 || value.compareTo(BigInteger.valueOf(max)) > 0) {
            throw new InvalidValue(text + " is out of range, which is " + min + " to " + max);
        }
        return value.longValue();
    }

    private static Duration duration(String text) throws InvalidValue {
        number(text, "seconds");
        BigDecimal seconds = new BigDecimal(text);
        if (seconds.compareTo(BigDecimal.valueOf(LONGEST_SECONDS)) > 0) {
            throw new InvalidValue(text + " is out of range, which is 0 to " + LONGEST_SECONDS);
        }
        return Duration.ofNanos(seconds.movePointRight(9).longValue());
    }

    private static String inSeconds(Duration duration) {
        return BigDecimal.valueOf(duration.toNanos(), 9).stripTrailingZeros().toPlainString();
    }

    /// Digits, perhaps with a fraction, and nothing behind them: where `60s` is right, `60m` will be written.
    private static Matcher number(String text, String unit) throws InvalidValue {
        Matcher number = NUMBER.matcher(nonEmpty(text));
        String needed = unit.isEmpty() ? "a number" : "a number of " + unit;
        if (!number.matches()) {
            throw new InvalidValue("'" + text + "' is not " + needed);
        }
        if (!number.group(3).isEmpty()) {
            throw new InvalidValue("'" + number.group(3).strip() + "' behind the number; write " + needed + " only");
        }
        return number;
    }
}
