package loomgate.server.log;

import java.io.PrintStream;
import java.time.Clock;
import java.time.OffsetDateTime;

/// A stream for a logger that prints each message as a line: the time gets in front of it. What is printed in another
/// way, as the stack behind a message, gets none.
///
/// slf4j-simple could do that itself, with `SimpleDateFormat`, which costs a tenth of the CPU that a worker's start
/// takes.
public final class TimedMessages extends PrintStream {

    private final Clock clock;

    public TimedMessages(PrintStream to, Clock clock) {
        super(to, true, to.charset());
        this.clock = clock;
    }

    /// Prints the line with what it ends with at once: others may be writing to the same file.
    @Override
    public void println(String message) {
        print(time(OffsetDateTime.now(clock)) + " " + message + System.lineSeparator());
    }

    /// Prints a line of the stack behind a message, at once as well.
    @Override
    public void println(Object line) {
        print(line + System.lineSeparator());
    }

    /// As ISO 8601 has it, always with milliseconds.
    private static String time(OffsetDateTime now) {
        return new StringBuilder(29)
                .append(now.toLocalDate()).append('T')
                .append(twoDigits(now.getHour())).append(':')
                .append(twoDigits(now.getMinute())).append(':')
                .append(twoDigits(now.getSecond())).append('.')
                .append(Integer.toString(1000 + now.getNano() / 1_000_000), 1, 4)
                .append(now.getOffset())
                .toString();
    }

    private static String twoDigits(int number) {
        return number < 10 ? "0" + number : Integer.toString(number);
    }
}
