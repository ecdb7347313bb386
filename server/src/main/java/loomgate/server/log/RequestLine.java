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
        line.append("[pid: ").append(pid).append("|app: 0|req: ").append(request).append('/').append(request)
                .append("] ");
        Printable.append(line, remoteAddress, LONGEST_OTHER);
        line.append(" (");
        Printable.append(line, remoteUser, LONGEST_OTHER);
        line.append(") {").append(variables).append(" vars in ").append(variableBytes).append(" bytes} [");
        line.append(Second.text(startedMillis)).append("] ");
        Printable.append(line, method, LONGEST_OTHER);
        line.append(' ');
        Printable.append(line, uri, LONGEST_URI);
        line.append(" => generated ").append(bodyBytes).append(" bytes in ").append(nanos / 1_000_000)
                .append(" msecs (");
        Printable.append(line, protocol, LONGEST_OTHER);
        line.append(' ').append(status).append(") ").append(headers).append(" headers in ").append(headerBytes);
        line.append(" bytes (1 switches on core 0)\n");
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
