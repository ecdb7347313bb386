package loomgate.server.worker.transport;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
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
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import loomgate.server.config.PaceSettings;
import loomgate.server.net.PeerGone;
import loomgate.server.net.ReadTimeout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Over real sockets, because what ends a wait is the kernel's doing and not the same for all kinds. The owner of the
/// transport is a virtual thread, as in the server.
@Timeout(30)
class SocketTransportIT {

    private enum Kind {
        UNIX,
        TCP
    }

    private static final Duration SHORT = Duration.ofMillis(250);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int SEND_BUFFER = 200 * 1024; // bytes, of which the kernel makes twice as many
    private static final int RECEIVE_BUFFER = 16 * 1024; // bytes: TCP tells of room in portions of about that size
    private static final long ANY_NUMBER = Long.MAX_VALUE;
    private static final PaceSettings ANY_PACE = new PaceSettings(0, LONG);

    @TempDir
    Path folder;

    private final DeadlineWatch watch = new DeadlineWatch(_ -> false, _ -> {});
    private SocketChannel ours;
    private SocketChannel peer;
    private SocketTransport transport;

    @AfterEach
    void close() throws IOException {
        watch.remove(transport);
        ours.close();
        peer.close();
    }

    @ParameterizedTest
    @EnumSource
    void silenceEndsTheWaitAndAnAnswerCanStillBeWritten(Kind kind) throws Exception {
        connect(kind, SHORT);
        transport.awaitRequest(SHORT);
        long before = System.nanoTime();
        assertInstanceOf(ReadTimeout.class, failureOf(this::readSome));
        assertBetween(SHORT, SHORT.plusSeconds(2), System.nanoTime() - before);
        assertInstanceOf(ReadTimeout.class, failureOf(this::readSome), "also when it is asked again");
        inVirtualThread(() -> {
            transport.write(ByteBuffer.wrap("408".getBytes()));
            return null;
        });
        ByteBuffer answer = ByteBuffer.allocate(3);
        while (answer.hasRemaining() && peer.read(answer) >= 0) {}
        assertArrayEquals("408".getBytes(), answer.array());
    }

    @ParameterizedTest
    @EnumSource
    void whatIsThereIsReadWithoutWaiting(Kind kind) throws Exception {
        connect(kind, SHORT);
        ByteBuffer some = ByteBuffer.allocate(100);
        assertEquals(0, (int) inVirtualThread(() -> transport.readNow(some)));
        peer.write(ByteBuffer.wrap(new byte[] {1, 2}));
        assertEquals(2, (int) inVirtualThread(() -> transport.readNow(some)));
        peer.shutdownOutput();
        assertEquals(-1, (int) inVirtualThread(() -> transport.readNow(some)));
    }

    @ParameterizedTest
    @EnumSource
    void headHasOneDeadlineHoweverItTrickles(Kind kind) throws Exception {
        connect(kind, SHORT.multipliedBy(2));
        transport.awaitRequest(LONG);
        Thread trickle = Thread.ofVirtual().start(() -> trickle(SHORT.dividedBy(5)));
        long before = System.nanoTime();
        Throwable failure = failureOf(() -> {
            while (readSome() > 0) {}
            return null;
        });
        trickle.interrupt();
        trickle.join();
        assertInstanceOf(ReadTimeout.class, failure);
        assertEquals("the request's head took more than 500 ms", failure.getMessage());
        assertBetween(SHORT.multipliedBy(2), SHORT.multipliedBy(2).plusSeconds(2), System.nanoTime() - before);
    }

    @ParameterizedTest
    @EnumSource
    void bodyMayTrickleForLongerThanTheTimeout(Kind kind) throws Exception {
        connect(kind, SHORT);
        transport.expectBody();
        Thread trickle = Thread.ofVirtual().start(() -> trickle(SHORT.dividedBy(5)));
        long before = System.nanoTime();
        inVirtualThread(() -> {
            while (System.nanoTime() - before < SHORT.multipliedBy(3).toNanos()) {
                assertTrue(readSome() > 0);
            }
            return null;
        });
        trickle.interrupt();
        trickle.join();
    }

    @ParameterizedTest
    @EnumSource
    void bodyThatTricklesFallsBehindItsPace(Kind kind) throws Exception {
        connect(kind, LONG, new PaceSettings(1000, SHORT.multipliedBy(2)));
        transport.expectBody();
        Thread trickle = Thread.ofVirtual().start(() -> trickle(SHORT.dividedBy(5)));
        long before = System.nanoTime();
        Throwable failure = failureOf(() -> {
            while (readSome() > 0) {}
            return null;
        });
        trickle.interrupt();
        trickle.join();
        assertInstanceOf(ReadTimeout.class, failure);
        assertEquals("it came at less than min-rate = 1000 bytes per second and lagged behind by more than 500 ms",
                failure.getMessage());
        assertBetween(SHORT.multipliedBy(2), SHORT.multipliedBy(2).plusSeconds(2), System.nanoTime() - before);
    }

    @ParameterizedTest
    @EnumSource
    void timeInWhichNobodyReadsIsNoFaultOfThePeer(Kind kind) throws Exception {
        connect(kind, LONG, new PaceSettings(1000, SHORT));
        transport.expectBody();
        for (int i = 0; i < 3; i++) {
            TimeUnit.NANOSECONDS.sleep(SHORT.toNanos() + 50_000_000);
            peer.write(ByteBuffer.wrap(new byte[] {1}));
            assertEquals(1, (long) inVirtualThread(this::readSome));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatTakesNothingEndsTheWrite(Kind kind) throws Exception {
        connect(kind, SHORT);
        ByteBuffer much = ByteBuffer.allocate(32 * 1024 * 1024);
        assertInstanceOf(PeerGone.class, failureOf(() -> {
            transport.write(much);
            return null;
        }));
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatTakesNothingEndsTheSendingOfAFile(Kind kind) throws Exception {
        connect(kind, SHORT);
        Path path = Files.write(folder.resolve("file"), new byte[32 * 1024 * 1024]);
        try (FileChannel file = FileChannel.open(path)) {
            Throwable failure = failureOf(() -> {
                transport.transferFrom(file, 0, file.size());
                return null;
            });
            assertInstanceOf(PeerGone.class, failure);
            assertTrue(file.isOpen());
        }
    }

    @ParameterizedTest
    @EnumSource
    void slowWritesAreNotCutWhileThePeerTakesSome(Kind kind) throws Exception {
        connect(kind, SHORT);
        byte[] bytes = pattern(4 * 1024 * 1024);
        FutureTask<byte[]> received = started(() -> readSlowly(bytes.length));
        inVirtualThread(() -> {
            transport.write(ByteBuffer.wrap(bytes));
            return null;
        });
        assertArrayEquals(bytes, received.get());
    }

    /// The kernel has room for more when a third of what it holds is gone (TCP), or three quarters (unix socket), which
    /// takes this reader longer than the timeout.
    @ParameterizedTest
    @EnumSource
    void aReaderThatMakesRoomTooRarelyIsNotCutWhileItTakesSome(Kind kind) throws Exception {
        connect(kind, SHORT.multipliedBy(4), new PaceSettings(1000, LONG));
        byte[] bytes = pattern(600 * 1024);
        int bytesPerSecond = kind == Kind.UNIX ? 200 * 1024 : 100 * 1024;
        FutureTask<byte[]> received = started(() -> readAtRate(bytes.length, bytesPerSecond));
        inVirtualThread(() -> {
            transport.write(ByteBuffer.wrap(bytes));
            return null;
        });
        assertArrayEquals(bytes, received.get());
    }

    @ParameterizedTest
    @EnumSource
    void aReaderThatTakesTooLittleIsCut(Kind kind) throws Exception {
        connect(kind, SHORT, new PaceSettings(10 * 1024 * 1024, LONG));
        started(() -> readAtRate(4 * 1024 * 1024, 200 * 1024));
        Throwable failure = failureOf(() -> {
            transport.write(ByteBuffer.allocate(4 * 1024 * 1024));
            return null;
        });
        assertInstanceOf(PeerGone.class, failure);
        assertEquals("the peer took less than 2621440 bytes in 250 ms", failure.getMessage());
    }

    /// A unix socket has no reset: there its reader sees an end.
    @Test
    void aReaderThatIsCutSeesAReset() throws Exception {
        connect(Kind.TCP, SHORT, new PaceSettings(1000, LONG));
        assertInstanceOf(PeerGone.class, failureOf(() -> {
            transport.write(ByteBuffer.allocate(4 * 1024 * 1024));
            return null;
        }));
        assertTrue(transport.isTakenTooSlowly());
        assertThrows(IOException.class, () -> {
            ByteBuffer some = ByteBuffer.allocate(64 * 1024);
            while (peer.read(some.clear()) >= 0) {}
        });
    }

    @ParameterizedTest
    @EnumSource
    void whatIsUnframedEndsWellWhenItIsWhole(Kind kind) throws Exception {
        connect(kind, SHORT);
        assertEquals("whole", receivedOf(() -> {
            transport.beginUnframed();
            transport.write(ByteBuffer.wrap("whole".getBytes()));
            transport.endUnframed();
            ours.close();
            return null;
        }));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsUnframedEndsByAResetIfItIsNotWholeOrWasCut(boolean isCut) throws Exception {
        connect(Kind.TCP, SHORT);
        assertThrows(IOException.class, () -> receivedOf(() -> {
            transport.beginUnframed();
            if (isCut) {
                transport.resetWhenClosed();
                transport.endUnframed();
            }
            ours.close();
            return null;
        }));
    }

    /// What the peer gets until the end of the connection.
    private String receivedOf(Callable<Void> owner) throws Exception {
        inVirtualThread(owner);
        return new String(Channels.newInputStream(peer).readAllBytes());
    }

    @ParameterizedTest
    @EnumSource
    void aFileGoesWholeToASlowReader(Kind kind) throws Exception {
        connect(kind, SHORT);
        byte[] bytes = pattern(4 * 1024 * 1024);
        Path path = Files.write(folder.resolve("file"), bytes);
        FutureTask<byte[]> received = started(() -> readSlowly(bytes.length - 1001));
        try (FileChannel file = FileChannel.open(path)) {
            inVirtualThread(() -> {
                transport.transferFrom(file, 1000, file.size() - 1001);
                return null;
            });
            assertEquals(0, file.position());
        }
        assertArrayEquals(java.util.Arrays.copyOfRange(bytes, 1000, bytes.length - 1), received.get());
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatHasBecomeShorterIsNoFaultOfThePeer(Kind kind) throws Exception {
        connect(kind, SHORT);
        Path path = Files.write(folder.resolve("file"), new byte[1000]);
        try (FileChannel file = FileChannel.open(path)) {
            Throwable failure = failureOf(() -> {
                transport.transferFrom(file, 0, 2000);
                return null;
            });
            assertEquals("the file has become shorter while it was sent", failure.getMessage());
            assertEquals(IOException.class, failure.getClass());
        }
    }

    @ParameterizedTest
    @EnumSource
    void waitForAnotherRequestIsShortenedWhenThereIsHurry(Kind kind) throws Exception {
        connect(kind, SHORT);
        transport.awaitRequest(LONG);
        FutureTask<Throwable> reading = started(() -> failureOf(this::readSome));
        long before = System.nanoTime();
        await().atMost(10, TimeUnit.SECONDS).until(() -> {
            transport.hurry(Duration.ofMillis(50));
            return reading.isDone();
        });
        assertInstanceOf(ReadTimeout.class, reading.get());
        assertBetween(Duration.ZERO, Duration.ofSeconds(5), System.nanoTime() - before);
    }

    @ParameterizedTest
    @EnumSource
    void hurryDoesNotTouchARequestThatHasBegun(Kind kind) throws Exception {
        connect(kind, LONG);
        transport.awaitRequest(LONG);
        peer.write(ByteBuffer.wrap(new byte[] {1}));
        assertEquals(1, (long) inVirtualThread(this::readSome));
        FutureTask<Long> second = started(this::readSome);
        for (int i = 0; i < 5; i++) {
            transport.hurry(Duration.ZERO);
            assertTrue(timesOut(second, 60));
        }
        peer.write(ByteBuffer.wrap(new byte[] {2}));
        assertEquals(1, second.get());
    }

    @ParameterizedTest
    @EnumSource
    void lingeringIsShortenedWhenThereIsHurryHoweverThePeerTrickles(Kind kind) throws Exception {
        connect(kind, LONG);
        assertEndsInAHurry(() -> {
            transport.linger(LONG, ANY_NUMBER);
            return null;
        });
    }

    @ParameterizedTest
    @EnumSource
    void theRestOfAnAnsweredRequestIsNotWaitedForWhenThereIsHurry(Kind kind) throws Exception {
        connect(kind, LONG);
        transport.expectRest();
        assertEndsInAHurry(() -> {
            while (readSome() > 0) {}
            return null;
        });
    }

    private void assertEndsInAHurry(Callable<?> reads) throws Exception {
        Thread trickle = Thread.ofVirtual().start(() -> trickle(Duration.ofMillis(10)));
        FutureTask<Throwable> reading = started(() -> failureOf(reads));
        long before = System.nanoTime();
        await().atMost(10, TimeUnit.SECONDS).until(() -> {
            transport.hurry(SHORT);
            return reading.isDone();
        });
        assertInstanceOf(ReadTimeout.class, reading.get());
        assertBetween(SHORT, Duration.ofSeconds(5), System.nanoTime() - before);
        trickle.interrupt();
        trickle.join();
    }

    @ParameterizedTest
    @EnumSource
    void theRestOfAnAnsweredRequestHasThePaceOfABody(Kind kind) throws Exception {
        connect(kind, LONG, new PaceSettings(1000, SHORT.multipliedBy(2)));
        transport.expectBody();
        transport.expectRest();
        Thread trickle = Thread.ofVirtual().start(() -> trickle(SHORT.dividedBy(5)));
        long before = System.nanoTime();
        assertInstanceOf(ReadTimeout.class, failureOf(() -> {
            while (readSome() > 0) {}
            return null;
        }));
        assertBetween(SHORT.multipliedBy(2), SHORT.multipliedBy(2).plusSeconds(2), System.nanoTime() - before);
        trickle.interrupt();
        trickle.join();
    }

    @ParameterizedTest
    @EnumSource
    void aHeadThatWasReadAheadInPartHasNotTheTimeOfSilence(Kind kind) throws Exception {
        connect(kind, SHORT);
        transport.awaitRequest(LONG);
        transport.expectHead();
        long before = System.nanoTime();
        Throwable failure = failureOf(this::readSome);
        assertEquals("the request's head took more than 250 ms", failure.getMessage());
        assertBetween(SHORT, SHORT.plusSeconds(2), System.nanoTime() - before);
    }

    @ParameterizedTest
    @EnumSource
    void endOfThePeersStreamIsNoTimeout(Kind kind) throws Exception {
        connect(kind, LONG);
        transport.awaitRequest(LONG);
        peer.shutdownOutput();
        assertEquals(-1, (long) inVirtualThread(this::readSome));
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatIsGoneIsGone(Kind kind) throws Exception {
        connect(kind, LONG);
        peer.close();
        assertInstanceOf(PeerGone.class, failureOf(() -> {
            transport.write(ByteBuffer.allocate(8 * 1024 * 1024));
            return null;
        }));
    }

    @ParameterizedTest
    @EnumSource
    void lingeringTakesWhatThePeerStillSendsSoThatItSeesTheAnswer(Kind kind) throws Exception {
        connect(kind, LONG);
        FutureTask<Integer> sender = started(() -> {
            ByteBuffer much = ByteBuffer.allocate(8 * 1024 * 1024);
            while (much.hasRemaining()) {
                peer.write(much);
            }
            peer.shutdownOutput();
            ByteBuffer answer = ByteBuffer.allocate(100);
            while (peer.read(answer) >= 0) {}
            return answer.position();
        });
        inVirtualThread(() -> {
            transport.write(ByteBuffer.wrap("answer".getBytes()));
            transport.linger(LONG, ANY_NUMBER);
            ours.close();
            return null;
        });
        assertEquals(6, sender.get());
    }

    @ParameterizedTest
    @EnumSource
    void lingeringEndsWhenThereIsTooMuch(Kind kind) throws Exception {
        connect(kind, LONG);
        long tooMuch = 4 * 1024 * 1024;
        FutureTask<Long> sender = started(() -> sendUntilRefused(tooMuch * 16));
        inVirtualThread(() -> {
            transport.linger(LONG, tooMuch);
            ours.close();
            return null;
        });
        assertTrue(sender.get() >= tooMuch && sender.get() < tooMuch * 16, () -> sender + " bytes were taken");
    }

    @ParameterizedTest
    @EnumSource
    void lingeringEndsWhenItTakesTooLong(Kind kind) throws Exception {
        connect(kind, LONG);
        Thread trickle = Thread.ofVirtual().start(() -> trickle(SHORT.dividedBy(5)));
        long before = System.nanoTime();
        assertInstanceOf(ReadTimeout.class, failureOf(() -> {
            transport.linger(SHORT, ANY_NUMBER);
            return null;
        }));
        assertBetween(SHORT, SHORT.plusSeconds(2), System.nanoTime() - before);
        ours.close();
        trickle.join();
    }

    private long sendUntilRefused(long most) {
        ByteBuffer block = ByteBuffer.allocate(64 * 1024);
        long sent = 0;
        try {
            while (sent < most) {
                sent += peer.write(block.clear());
            }
        } catch (IOException _) {
            // it is not taken any more
        }
        return sent;
    }

    private void connect(Kind kind, Duration timeout) throws Exception {
        connect(kind, timeout, ANY_PACE);
    }

    private void connect(Kind kind, Duration timeout, PaceSettings pace) throws Exception {
        SocketAddress address = kind == Kind.UNIX
                ? UnixDomainSocketAddress.of(folder.resolve("s"))
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (ServerSocketChannel server = ServerSocketChannel.open(
                kind == Kind.UNIX ? StandardProtocolFamily.UNIX : StandardProtocolFamily.INET)) {
            server.bind(address);
            peer = SocketChannel.open(
                    kind == Kind.UNIX ? StandardProtocolFamily.UNIX : StandardProtocolFamily.INET);
            if (pace != ANY_PACE) {
                peer.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
            }
            peer.connect(server.getLocalAddress());
            ours = server.accept();
            ours.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER);
        }
        transport = new SocketTransport(ours, timeout, pace);
        watch.start();
        watch.add(transport);
        peer.write(ByteBuffer.wrap(new byte[] {0}));
        inVirtualThread(this::readSome); // as each connection begins; from then on the channel blocks no carrier
    }

    private long readSome() throws IOException {
        return transport.read(ByteBuffer.allocate(100));
    }

    private void trickle(Duration pause) {
        try {
            while (true) {
                peer.write(ByteBuffer.wrap(new byte[] {1}));
                TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            }
        } catch (IOException | InterruptedException _) {
            // the other side has heard enough
        }
    }

    /// 64 KiB at a time with short pauses: never as long as the timeout, longer in all.
    private byte[] readSlowly(int length) throws Exception {
        ByteBuffer received = ByteBuffer.allocate(length);
        while (received.hasRemaining()) {
            received.limit(Math.min(length, received.position() + 64 * 1024));
            if (peer.read(received) < 0) {
                throw new IOException("cut off at " + received.position());
            }
            received.limit(length);
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return received.array();
    }

    /// A little at a time, as the clock tells.
    private byte[] readAtRate(int length, int bytesPerSecond) throws Exception {
        ByteBuffer received = ByteBuffer.allocate(length);
        long began = System.nanoTime();
        while (received.hasRemaining()) {
            long due = Math.min(length, (System.nanoTime() - began) * bytesPerSecond / 1_000_000_000);
            if (due > received.position()) {
                received.limit((int) due);
                if (peer.read(received) < 0) {
                    throw new IOException("cut off at " + received.position());
                }
                received.limit(length);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return received.array();
    }

    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i % 251);
        }
        return bytes;
    }

    private static <T> FutureTask<T> started(Callable<T> step) {
        FutureTask<T> task = new FutureTask<>(step);
        Thread.ofVirtual().start(task);
        return task;
    }

    private static <T> T inVirtualThread(Callable<T> step) throws Exception {
        return started(step).get(25, TimeUnit.SECONDS);
    }

    private static Throwable failureOf(Callable<?> step) {
        return assertThrows(ExecutionException.class, () -> inVirtualThread(step)).getCause();
    }

    private static boolean timesOut(FutureTask<?> task, long millis) throws Exception {
        try {
            task.get(millis, TimeUnit.MILLISECONDS);
            return false;
        } catch (java.util.concurrent.TimeoutException _) {
            return true;
        }
    }

    private static void assertBetween(Duration least, Duration most, long nanos) {
        Duration took = Duration.ofNanos(nanos);
        assertTrue(took.compareTo(least) >= 0 && took.compareTo(most) <= 0, took::toString);
    }
}
