package loomgate.server.worker;

import java.io.IOException;
import java.io.InputStream;
import loomgate.server.protocol.BadRequest;

/// The most bytes that a request's body may have (`limit-post`).
///
/// @param largest bytes, 0 for any number
record BodyLimit(long largest) {

    private static final int TOO_LARGE = 413;

    /// The body, which fails once it has turned out to be too large.
    ///
    /// @param length of the body, -1 while only its end will tell
    /// @throws BadRequest it is known to be too large before any of it is read
    InputStream applyTo(InputStream body, long length) throws BadRequest {
        if (largest == 0) {
            return body;
        }
        if (length > largest) {
            throw new BadRequest(TOO_LARGE, "the body has " + length + " bytes, more than limit-post = " + largest);
        }
        return length >= 0 ? body : new Counted(body, largest);
    }

    private static final class Counted extends InputStream {

        private final InputStream body;
        private final long largest;
        private long left; // bytes; below zero once there were too many

        Counted(InputStream body, long largest) {
            this.body = body;
            this.largest = largest;
            this.left = largest;
        }

        @Override
        public int read() throws IOException {
            int value = body.read();
            count(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int count = body.read(into, offset, length);
            count(Math.max(count, 0));
            return count;
        }

        @Override
        public int available() throws IOException {
            return body.available();
        }

        private void count(int bytes) throws BadRequest {
            left -= bytes;
            if (left < 0) {
                throw new BadRequest(TOO_LARGE, "the chunked body has more bytes than limit-post = " + largest);
            }
        }
    }
}
