package loomgate.server.it;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/// Bodies of any length whose byte at each place is the place modulo 251, so that a shift shows; as
/// [loomgate.server.it.app.TestApplication] makes them.
final class TestBytes {

    static final long MIB = 1024 * 1024;

    private static final int PERIOD = 251;
    private static final byte[] BLOCK = new byte[PERIOD * 256];
    private static final Map<Long, String> CHECKSUMS = new ConcurrentHashMap<>();

    static {
        for (int i = 0; i < BLOCK.length; i++) {
            BLOCK[i] = (byte) (i % PERIOD);
        }
    }

    private TestBytes() {}

    static InputStream stream(long length) {
        return new InputStream() {
            private long at;

            @Override
            public int read() {
                return at == length ? -1 : BLOCK[(int) (at++ % BLOCK.length)] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int count) {
                Objects.checkFromIndexSize(offset, count, into.length);
                if (at == length && count > 0) {
                    return -1;
                }
                int from = (int) (at % BLOCK.length);
                int some = (int) Math.min(Math.min(count, length - at), BLOCK.length - from);
                System.arraycopy(BLOCK, from, into, offset, some);
                at += some;
                return some;
            }
        };
    }

    /// A request's body, sent with its length.
    static BodyPublisher withLength(long length) {
        return length == 0 ? BodyPublishers.noBody()
                : BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> stream(length)), length);
    }

    /// A request's body, sent in chunks.
    static BodyPublisher chunked(long length) {
        return BodyPublishers.ofInputStream(() -> stream(length));
    }

    /// What `/checksum` answers when these bytes have come in.
    static String checksumPage(long length) {
        return CHECKSUMS.computeIfAbsent(length, TestBytes::checksum) + " " + length + "\n";
    }

    private static String checksum(long length) {
        try (InputStream bytes = stream(length)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] block = new byte[BLOCK.length];
            for (int n = bytes.read(block); n > 0; n = bytes.read(block)) {
                digest.update(block, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Reads to the end and returns the number of bytes, all of which have to be those that belong there.
    static long verifiedLength(InputStream bytes) throws IOException {
        byte[] block = new byte[BLOCK.length];
        long length = 0;
        for (int n = bytes.readNBytes(block, 0, block.length); n > 0; n = bytes.readNBytes(block, 0, block.length)) {
            int difference = Arrays.mismatch(block, 0, n, BLOCK, 0, n);
            if (difference >= 0) {
                throw new AssertionError("the byte at " + (length + difference) + " is another");
            }
            length += n;
        }
        return length;
    }
}
