package loomgate.server.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Takes lines from any thread without making it wait, and writes them from a thread of its own, many at a time.
/// A line is never split between two writes, so that those of several workers do not mix.
///
/// If the file takes no lines, they are dropped and counted; the count is logged when it takes them again.
public final class LogWriter {

    static final int MOST_WAITING = 100_000; // lines
    private static final long GATHERING_NANOS = 5_000_000; // lines that come within this time share a write
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(1);
    private static final int WRITE_TO_FILE = 64 * 1024; // bytes

    private final OutputStream out;
    private final int writeSize; // bytes that a write has at most
    private volatile LinePrefix linePrefix = LinePrefix.NONE;
    private final long pid = ProcessHandle.current().pid();
    private final ConcurrentLinkedQueue<LogLine> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingCount = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private final Thread writer = Thread.ofPlatform().name("log").daemon().unstarted(this::writeUntilClosed);
    private volatile boolean isIdle; // the writer is parked, or about to be
    private volatile boolean isClosed;

    private LogWriter(OutputStream out, int writeSize) {
        this.out = out;
        this.writeSize = writeSize;
    }

    /// A log that goes to standard error.
    public static LogWriter toStandardError() {
        boolean isFile = Files.isRegularFile(Path.of("/proc/self/fd/2"));
        return to(new FileOutputStream(FileDescriptor.err), isFile ? WRITE_TO_FILE : LogLine.LONGEST);
    }

    /// A log whose writes have at most that many bytes.
    static LogWriter to(OutputStream out, int writeSize) {
        LogWriter log = new LogWriter(out, writeSize);
        log.writer.start();
        return log;
    }

    /// From here on the lines of requests begin with that.
    public void prefixRequests(LinePrefix prefix) {
        linePrefix = prefix;
    }

    /// Puts a line into the log. Never waits.
    public void add(LogLine line) {
        if (waitingCount.incrementAndGet() > MOST_WAITING) {
            waitingCount.decrementAndGet();
            dropped.incrementAndGet();
            return;
        }
        waiting.add(line);
        if (isIdle) {
            isIdle = false;
            LockSupport.unpark(writer);
        }
    }

    /// Writes what is waiting, if that is possible soon, and ends.
    public void close() throws InterruptedException {
        isClosed = true;
        LockSupport.unpark(writer);
        writer.join(LONGEST_CLOSE); // the file may take nothing for ever
    }

    /// Waits until what is there now is written, if that is possible soon.
    public void flush() throws InterruptedException {
        CountDownLatch written = new CountDownLatch(1);
        add(new Mark(written));
        written.await(LONGEST_CLOSE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void writeUntilClosed() {
        StringBuilder batch = new StringBuilder();
        while (true) {
            boolean last = isClosed;
            try {
                writeWaiting(batch);
            } catch (RuntimeException | OutOfMemoryError _) {
                // a line that cannot be made must not end the log: it counts as dropped
                dropped.incrementAndGet();
                batch.setLength(0);
            }
            if (last) {
                return;
            }
            isIdle = waiting.isEmpty();
            if (isIdle && waiting.isEmpty() && !isClosed) { // asked again: a line may have come before isIdle was seen
                LockSupport.park(this);
            }
            isIdle = false;
            if (!isClosed) {
                LockSupport.parkNanos(this, GATHERING_NANOS);
            }
        }
    }

    private void writeWaiting(StringBuilder batch) {
        int lineStart = 0;
        Optional<String> prefix = Optional.empty(); // asked for anew after each write
        for (LogLine line = waiting.poll(); line != null; line = waiting.poll()) {
            waitingCount.decrementAndGet();
            if (line instanceof Mark(CountDownLatch written)) {
                write(batch, batch.length());
                written.countDown();
            }
            if (line instanceof RequestLine) {
                prefix = prefix.or(() -> Optional.of(linePrefix.text()));
                batch.append(prefix.get());
            }
            line.appendTo(batch, pid);
            if (batch.length() > writeSize) {
                write(batch, lineStart);
                prefix = Optional.empty();
            }
            lineStart = batch.length();
        }
        write(batch, batch.length());
        reportDropped();
    }

    private void write(StringBuilder batch, int length) {
        if (length == 0) {
            return;
        }
        try {
            out.write(batch.substring(0, length).getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException _) {
            // there is no other place to tell of it; the number is told when there is one again
            dropped.addAndGet(batch.chars().limit(length).filter(c -> c == '\n').count());
        }
        batch.delete(0, length);
    }

    private void reportDropped() {
        long count = dropped.get();
        if (count == 0) {
            return;
        }
        try {
            out.write(("log: " + count + " lines were dropped, because they could not be written\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            dropped.addAndGet(-count);
        } catch (IOException _) {
            // still no place to tell of it: the count is kept
        }
    }
}
