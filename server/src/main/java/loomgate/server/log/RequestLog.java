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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Takes lines from the requests' threads without making them wait, and writes them from a thread of its own, many at a
/// time. A line is never split between two writes, so that those of several workers do not mix.
///
/// If the file takes no lines, they are dropped and counted; the count is logged when it takes them again.
public final class RequestLog {

    static final int MOST_WAITING = 100_000; // lines
    private static final long GATHERING_NANOS = 5_000_000; // lines that come within this time share a write
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(1);
    private static final int WRITE_TO_FILE = 64 * 1024; // bytes

    private final OutputStream out;
    private final int writeSize; // bytes that a write has at most
    private final LinePrefix linePrefix;
    private final long pid = ProcessHandle.current().pid();
    private final ConcurrentLinkedQueue<RequestLine> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingCount = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private final Thread writer = Thread.ofPlatform().name("request-log").daemon().unstarted(this::writeUntilClosed);
    private volatile boolean isIdle; // the writer is parked, or about to be
    private volatile boolean isClosed;

    private RequestLog(OutputStream out, int writeSize, LinePrefix linePrefix) {
        this.out = out;
        this.writeSize = writeSize;
        this.linePrefix = linePrefix;
    }

    /// A log that goes to standard error.
    public static RequestLog toStandardError(LinePrefix linePrefix) {
        boolean isFile = Files.isRegularFile(Path.of("/proc/self/fd/2"));
        return to(new FileOutputStream(FileDescriptor.err), isFile ? WRITE_TO_FILE : RequestLine.LONGEST, linePrefix);
    }

    /// A log whose writes have at most that many bytes.
    static RequestLog to(OutputStream out, int writeSize, LinePrefix linePrefix) {
        RequestLog log = new RequestLog(out, writeSize, linePrefix);
        log.writer.start();
        return log;
    }

    /// Puts a line into the log. Never waits.
    public void add(RequestLine line) {
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

    private void writeUntilClosed() {
        StringBuilder batch = new StringBuilder();
        while (true) {
            boolean last = isClosed;
            try {
                writeWaiting(batch);
            } catch (RuntimeException | OutOfMemoryError _) { // a line that cannot be made must not end the log: it counts as dropped
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
        for (RequestLine line = waiting.poll(); line != null; line = waiting.poll()) {
            waitingCount.decrementAndGet();
            if (prefix.isEmpty()) {
                prefix = Optional.of(linePrefix.text());
            }
            batch.append(prefix.get());
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
            out.write(("request log: " + count + " lines were dropped, because they could not be written\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            dropped.addAndGet(-count);
        } catch (IOException _) {
            // still no place to tell of it: the count is kept
        }
    }
}
