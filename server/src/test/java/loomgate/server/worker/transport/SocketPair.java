package loomgate.server.worker.transport;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import loomgate.server.config.PaceSettings;

/// A transport that is watched, and its peer, over a real socket: what ends a wait is the kernel's doing, and not the
/// same for all kinds. The owner of the transport is a virtual thread, as in the server.
final class SocketPair implements AutoCloseable {

    enum Kind {
        UNIX,
        TCP
    }

    static final Duration SHORT = Duration.ofMillis(250);
    static final Duration LONG = Duration.ofSeconds(20);

    private static final int SEND_BUFFER = 200 * 1024; // bytes, of which the kernel makes twice as many
    private static final int RECEIVE_BUFFER = 16 * 1024; // bytes: TCP tells of room in portions of about that size
    private static final PaceSettings ANY_PACE = new PaceSettings(0, LONG);

    private final DeadlineWatch watch = new DeadlineWatch(_ -> false, _ -> {});
    private SocketChannel ours;
    private SocketChannel peer;
    private SocketTransport transport;

    void connect(Kind kind, Duration timeout) throws Exception {
        connect(kind, timeout, ANY_PACE);
    }

    void connect(Kind kind, Duration timeout, PaceSettings pace) throws Exception {
        StandardProtocolFamily family = kind == Kind.UNIX ? StandardProtocolFamily.UNIX : StandardProtocolFamily.INET;
        SocketAddress any = kind == Kind.UNIX ? null : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (ServerSocketChannel server = ServerSocketChannel.open(family)) {
            server.bind(any);
            peer = SocketChannel.open(family);
            if (pace != ANY_PACE) {
                peer.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
            }
            peer.connect(server.getLocalAddress());
            if (server.getLocalAddress() instanceof UnixDomainSocketAddress unix) {
                Files.delete(unix.getPath());
            }
            ours = server.accept();
            ours.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER);
        }
        transport = new SocketTransport(ours, timeout, pace);
        watch.start();
        watch.add(transport);
        peer.write(ByteBuffer.wrap(new byte[] {0}));
        inVirtualThread(this::readSome); // as each connection begins; from then on the channel blocks no carrier
    }

    @Override
    public void close() throws IOException {
        watch.remove(transport);
        ours.close();
        peer.close();
    }

    SocketTransport transport() {
        return transport;
    }

    /// The channel of the transport.
    SocketChannel ours() {
        return ours;
    }

    SocketChannel peer() {
        return peer;
    }

    /// The owner reads.
    int readSome() throws IOException {
        return transport.read(ByteBuffer.allocate(100));
    }

    /// The owner reads until there is no more.
    Void readOn() throws IOException {
        while (readSome() > 0) {}
        return null;
    }

    /// The owner writes.
    Void write(byte[] bytes) throws IOException {
        transport.write(ByteBuffer.wrap(bytes));
        return null;
    }

    /// The peer sends.
    void send(int... bytes) throws IOException {
        ByteBuffer some = ByteBuffer.allocate(bytes.length);
        for (int one : bytes) {
            some.put((byte) one);
        }
        peer.write(some.flip());
    }

    /// The peer sends a byte now and then while something is done.
    void whileTrickling(Duration pause, Step step) throws Exception {
        Thread trickle = Thread.ofVirtual().start(() -> trickle(pause));
        try {
            step.run();
        } finally {
            trickle.interrupt();
            trickle.join();
        }
    }

    interface Step {
        void run() throws Exception;
    }

    private void trickle(Duration pause) {
        try {
            while (true) {
                send(1);
                TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            }
        } catch (IOException | InterruptedException _) {
            // the other side has heard enough
        }
    }

    /// The peer takes 64 KiB at a time with short pauses: never as long as the timeout, longer in all.
    byte[] readSlowly(int length) throws Exception {
        ByteBuffer received = ByteBuffer.allocate(length);
        while (received.hasRemaining()) {
            takeUpTo(Math.min(length, received.position() + 64 * 1024), received);
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return received.array();
    }

    /// The peer takes a little at a time, as the clock tells.
    byte[] readAtRate(int length, int bytesPerSecond) throws Exception {
        ByteBuffer received = ByteBuffer.allocate(length);
        long began = System.nanoTime();
        while (received.hasRemaining()) {
            long due = Math.min(length, (System.nanoTime() - began) * bytesPerSecond / 1_000_000_000);
            if (due > received.position()) {
                takeUpTo((int) due, received);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return received.array();
    }

    private void takeUpTo(int position, ByteBuffer received) throws IOException {
        received.limit(position);
        if (peer.read(received) < 0) {
            throw new IOException("cut off at " + received.position());
        }
        received.limit(received.capacity());
    }

    static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i % 251);
        }
        return bytes;
    }

    static <T> FutureTask<T> started(Callable<T> step) {
        FutureTask<T> task = new FutureTask<>(step);
        Thread.ofVirtual().start(task);
        return task;
    }

    static <T> T inVirtualThread(Callable<T> step) throws Exception {
        return started(step).get(25, TimeUnit.SECONDS);
    }

    static Throwable failureOf(Callable<?> step) {
        return assertThrows(ExecutionException.class, () -> inVirtualThread(step)).getCause();
    }

    static boolean timesOut(FutureTask<?> task, long millis) throws Exception {
        try {
            task.get(millis, TimeUnit.MILLISECONDS);
            return false;
        } catch (TimeoutException _) {
            return true;
        }
    }

    static void assertBetween(Duration least, Duration most, long nanos) {
        Duration took = Duration.ofNanos(nanos);
        assertTrue(took.compareTo(least) >= 0 && took.compareTo(most) <= 0, took::toString);
    }
}
