package loomgate.server.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;

/// What is about to go out: gathers the parts of a message so that they leave in one write of the [Transport], which
/// is what costs. What is put grows the buffer and never leaves by itself: until [#flush()] everything can be taken
/// back.
public final class ByteOutput {

    /// Up to this many bytes are copied behind what is gathered rather than written for themselves: the copy costs
    /// less than another system call.
    public static final int GATHERED_AT_MOST = 16 * 1024;

    private static final int KEPT_AT_MOST = 8 * 1024; // a connection that waits holds on to no more

    private static final byte[] DIGITS = {
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
    };

    private static final byte[] NOTHING = {};

    private final Transport transport;
    private byte[] buffer = NOTHING;
    private int count;

    public ByteOutput(Transport transport) {
        this.transport = transport;
    }

    /// Bytes gathered and not yet written.
    public int size() {
        return count;
    }

    /// Makes room for that many bytes at once.
    public void expect(int more) {
        if (count + more > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(count + more, 2 * count));
        }
    }

    public void put(byte[] bytes) {
        put(bytes, 0, bytes.length);
    }

    public void put(byte[] bytes, int offset, int length) {
        expect(length);
        System.arraycopy(bytes, offset, buffer, count, length);
        count += length;
    }

    /// Puts text of ISO-8859-1, a byte for each character.
    public void put(String text) {
        int length = text.length();
        expect(length);
        for (int i = 0; i < length; i++) {
            buffer[count + i] = (byte) text.charAt(i);
        }
        count += length;
    }

    public void putDecimal(long number) {
        putNumber(number, 10);
    }

    public void putHexadecimal(long number) {
        putNumber(number, 16);
    }

    private void putNumber(long number, int radix) {
        int digits = 1;
        for (long rest = number / radix; rest > 0; rest /= radix) {
            digits++;
        }
        expect(digits);
        long rest = number;
        for (int i = count + digits - 1; i >= count; i--) {
            buffer[i] = DIGITS[(int) (rest % radix)];
            rest /= radix;
        }
        count += digits;
    }

    /// Reads the beginning of what `source` has into the buffer.
    ///
    /// @return the number of bytes, less than `length` only where the source ended
    public int putFrom(ReadableByteChannel source, int length) throws IOException {
        expect(length);
        ByteBuffer into = ByteBuffer.wrap(buffer, count, length);
        while (into.hasRemaining() && source.read(into) >= 0) {
            // until it is full or the source has ended
        }
        int put = length - into.remaining();
        count += put;
        return put;
    }

    /// Writes what is gathered.
    public void flush() throws IOException {
        if (count > 0) {
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
            discard();
            transport.write(bytes);
        }
    }

    /// Writes what is gathered and then these bytes, which are not copied.
    public void writeThrough(byte[] bytes, int offset, int length) throws IOException {
        flush();
        transport.write(ByteBuffer.wrap(bytes, offset, length));
    }

    /// Forgets what is gathered.
    public void discard() {
        count = 0;
        if (buffer.length > KEPT_AT_MOST) {
            buffer = NOTHING;
        }
    }
}
