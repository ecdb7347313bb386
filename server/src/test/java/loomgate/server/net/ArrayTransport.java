package loomgate.server.net;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.IntConsumer;

/// A connection whose peer is a list of byte arrays: one for each read. What is written is kept, write by write.
public final class ArrayTransport implements Transport {

    /// What the peer does when it has sent everything.
    public enum Then { ENDS, FALLS_SILENT, IS_GONE }

    private final Deque<ByteBuffer> portions = new ArrayDeque<>();
    private final List<byte[]> writes = new ArrayList<>();
    private final Then then;
    private long taken = Long.MAX_VALUE; // bytes that the peer still takes
    private int reads;

    public ArrayTransport(Then then, byte[]... portions) {
        this.then = then;
        for (byte[] portion : portions) {
            if (portion.length > 0) {
                this.portions.add(ByteBuffer.wrap(portion));
            }
        }
    }

    /// A peer that sends texts of ISO-8859-1 and then ends its stream.
    public static ArrayTransport of(String... portions) {
        return new ArrayTransport(Then.ENDS, bytes(portions));
    }

    /// A peer that sends texts of ISO-8859-1 and then does that.
    public static ArrayTransport of(Then then, String... portions) {
        return new ArrayTransport(then, bytes(portions));
    }

    private static byte[][] bytes(String... texts) {
        byte[][] bytes = new byte[texts.length][];
        for (int i = 0; i < texts.length; i++) {
            bytes[i] = texts[i].getBytes(StandardCharsets.ISO_8859_1);
        }
        return bytes;
    }

    /// The peer goes away when it has taken that many bytes.
    public ArrayTransport taking(long bytes) {
        taken = bytes;
        return this;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (!into.hasRemaining()) {
            throw new IllegalArgumentException("nothing can be read into a full buffer");
        }
        reads++;
        ByteBuffer portion = portions.peek();
        if (portion == null) {
            return switch (then) {
                case ENDS -> -1;
                case FALLS_SILENT -> throw new ReadTimeout("nothing for 4 s");
                case IS_GONE -> throw new PeerGone("connection reset");
            };
        }
        int count = Math.min(portion.remaining(), into.remaining());
        into.put(portion.slice().limit(count));
        portion.position(portion.position() + count);
        if (!portion.hasRemaining()) {
            portions.remove();
        }
        return count;
    }

    @Override
    public int readNow(ByteBuffer into) throws IOException {
        return portions.isEmpty() && then == Then.FALLS_SILENT ? 0 : read(into);
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        if (bytes.remaining() > taken) {
            throw new PeerGone("broken pipe");
        }
        taken -= bytes.remaining();
        byte[] written = new byte[bytes.remaining()];
        bytes.get(written);
        writes.add(written);
    }

    @Override
    public void transferFrom(FileChannel file, long position, long count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) count);
        while (bytes.hasRemaining()) {
            if (file.read(bytes, position + bytes.position()) < 0) {
                throw new IOException("the file has become shorter");
            }
        }
        write(bytes.flip());
    }

    /// Whether the peer has sent bytes that were not read.
    public boolean hasUnread() {
        return !portions.isEmpty();
    }

    public int reads() {
        return reads;
    }

    /// What has been written, each write for itself.
    public List<String> writes() {
        return writes.stream().map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1)).toList();
    }

    /// What has been written, in one.
    public String written() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        writes.forEach(all::writeBytes);
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    /// The same, but nothing is ever there before it is waited for.
    ///
    /// @param offered is told how many bytes each wait had room for
    public record Late(ArrayTransport transport, IntConsumer offered) implements Transport {

        @Override
        public int readNow(ByteBuffer into) {
            return 0;
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            offered.accept(into.remaining());
            return transport.read(into);
        }

        @Override
        public void write(ByteBuffer bytes) throws IOException {
            transport.write(bytes);
        }

        @Override
        public void transferFrom(FileChannel file, long position, long count) throws IOException {
            transport.transferFrom(file, position, count);
        }
    }
}
