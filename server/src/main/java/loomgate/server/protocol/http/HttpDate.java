package loomgate.server.protocol.http;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// The `Date` field of RFC 9110 section 6.6.1, made once a second.
final class HttpDate {

    static final HttpDate OF_THE_SYSTEM = new HttpDate(InstantSource.system());

    /// `IMF-fixdate` of RFC 9110 section 5.6.7.
    private static final DateTimeFormatter IMF_FIXDATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private record Made(long second, byte[] field) {}

    private final InstantSource clock;
    private volatile Made made = new Made(Long.MIN_VALUE, new byte[0]);

    HttpDate(InstantSource clock) {
        this.clock = clock;
    }

    /// The field with its CRLF; the caller does not change the array.
    byte[] field() {
        long second = Math.floorDiv(clock.millis(), 1000);
        Made current = made;
        if (current.second != second) {
            String line = "Date: " + IMF_FIXDATE.format(Instant.ofEpochSecond(second)) + "\r\n";
            current = new Made(second, line.getBytes(StandardCharsets.US_ASCII));
            made = current;
        }
        return current.field;
    }
}
