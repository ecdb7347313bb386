package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.regex.Pattern;

/// When what a server's log tells of happened, by its own clock: what the test's threads may be late to see.
final class LogTimes {

    /// Without a delay, and with all that a busy machine adds to that.
    private static final Duration AT_ONCE = Duration.ofSeconds(1);

    private LogTimes() {}

    /// Of all lines that a regular expression is found in.
    static List<Instant> of(RunningServer server, String regex) {
        Pattern wanted = Pattern.compile(regex);
        return server.log().lines().filter(line -> wanted.matcher(line).find()).map(LogTimes::time).toList();
    }

    /// The start of a process followed the end of that one without a delay. To be called when both are in the log.
    static void assertReplacedAtOnce(RunningServer server, long pid) {
        String end = " pid " + pid + " ended: ";
        List<String> since = server.log().lines().dropWhile(line -> !line.contains(end)).toList();
        String start = since.stream().filter(line -> line.endsWith(": spawned")).findFirst().orElseThrow();
        Duration took = Duration.between(time(since.getFirst()), time(start));
        assertTrue(took.compareTo(AT_ONCE) < 0, () -> took + " from the end of " + pid + " to the next start");
    }

    private static Instant time(String line) {
        return OffsetDateTime.parse(line.substring(0, line.indexOf(' '))).toInstant();
    }
}
