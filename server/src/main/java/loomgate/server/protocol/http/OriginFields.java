package loomgate.server.protocol.http;

import java.time.InstantSource;
import loomgate.server.net.ByteOutput;
import loomgate.server.protocol.Octets;
import loomgate.server.representation.HttpDate;

/// What an origin server says of itself in each response: `Date` (RFC 9110 section 6.6.1), made once a second, and
/// `Server` (section 10.2.4), which tells nobody the version.
final class OriginFields {

    static final OriginFields OF_THE_SYSTEM = new OriginFields(InstantSource.system());

    private static final byte[] SERVER = Octets.ascii("Server: loomgate\r\n");

    private record Made(long second, byte[] date) {}

    private final InstantSource clock;
    private volatile Made made = new Made(Long.MIN_VALUE, new byte[0]);

    OriginFields(InstantSource clock) {
        this.clock = clock;
    }

    /// Puts those that the application has not set.
    ///
    /// @return the number of fields
    int putInto(ByteOutput fields, boolean hasDate, boolean hasServer) {
        int count = 0;
        if (!hasDate) {
            fields.put(date());
            count++;
        }
        if (!hasServer) {
            fields.put(SERVER);
            count++;
        }
        return count;
    }

    private byte[] date() {
        long second = Math.floorDiv(clock.millis(), 1000);
        Made current = made;
        if (current.second != second) {
            current = new Made(second, Octets.ascii("Date: " + HttpDate.format(second) + "\r\n"));
            made = current;
        }
        return current.date;
    }
}
