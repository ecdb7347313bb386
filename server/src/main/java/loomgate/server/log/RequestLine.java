package loomgate.server.log;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// One request as the log tells of it, in the format that uWSGI has by default.
///
/// @param request       the number of the request in its worker, from 1
/// @param remoteAddress as the gateway stated it
/// @param remoteUser    as the gateway stated it, empty for none
/// @param variables     number of names and values of the gateway's variables
/// @param variableBytes bytes of them
/// @param startedMillis when the request began, since the epoch
/// @param bodyBytes     of the response
/// @param nanos         from the request's first byte to the response's last
/// @param protocol      as the client sent it
/// @param status        of the response, 0 if none left
/// @param headers       fields of the response
/// @param headerBytes   bytes of its head
public record RequestLine(
        long request,
        String remoteAddress,
        String remoteUser,
        int variables,
        int variableBytes,
        long startedMillis,
        String method,
        String uri,
        long bodyBytes,
        long nanos,
        String protocol,
        int status,
        int headers,
        int headerBytes) implements LogLine {

    private static final int LONGEST_URI = 3072;
    private static final int LONGEST_OTHER = 128;

    private static final DateTimeFormatter CTIME =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT).withZone(ZoneId.systemDefault());

    @Override
    public void appendTo(StringBuilder line, long pid) {
        line.append("[pid: ").append(pid).append("|app: 0|req: ").append(request).append('/').append(request).append("] ");
        appendSafely(line, remoteAddress, LONGEST_OTHER);
        line.append(" (");
        appendSafely(line, remoteUser, LONGEST_OTHER);
        line.append(") {").append(variables).append(" vars in ").append(variableBytes).append(" bytes} [");
        line.append(Second.text(startedMillis)).append("] ");
        appendSafely(line, method, LONGEST_OTHER);
        line.append(' ');
        appendSafely(line, uri, LONGEST_URI);
        line.append(" => generated ").append(bodyBytes).append(" bytes in ").append(nanos / 1_000_000).append(" msecs (");
        appendSafely(line, protocol, LONGEST_OTHER);
        line.append(' ').append(status).append(") ").append(headers).append(" headers in ").append(headerBytes);
        line.append(" bytes (1 switches on core 0)\n");
    }

    /// What comes from outside cannot end the line or steer a terminal, and cannot make the line too long.
    private static void appendSafely(StringBuilder line, String text, int most) {
        int room = most;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int needs = c >= ' ' && c < 0x7f ? 1 : 4;
            if (room < needs) {
                line.append("...");
                return;
            }
            room -= needs;
            if (needs == 1) {
                line.append(c);
            } else {
                line.append("\\x").append(Character.forDigit(c >> 4 & 15, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
    }

    /// The text of the second that was asked for last: nearly always the one that is asked for next.
    private record Second(long number, String format) {

        private static volatile Second last = new Second(-1, "");

        static String text(long millis) {
            long number = Math.floorDiv(millis, 1000L);
            Second second = last;
            if (second.number != number) {
                second = new Second(number, CTIME.format(Instant.ofEpochSecond(number)));
                last = second;
            }
            return second.format;
        }
    }
}
