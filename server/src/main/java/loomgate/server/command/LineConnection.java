package loomgate.server.command;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import loomgate.server.os.Descriptor;
import loomgate.server.os.LocalConnection;
import loomgate.server.os.OsException;

/// A connection over which lines are said.
final class LineConnection implements Closeable {

    /// For [#next]: as long as it takes.
    static final Duration NO_LIMIT = Duration.ZERO;

    private static final int READ_AT_ONCE = 4096; // bytes

    private final LocalConnection connection;
    private final int longest; // bytes
    private final byte[] buffer = new byte[READ_AT_ONCE];
    private int from;
    private int to;

    /// @param longest line that is taken, in bytes
    LineConnection(LocalConnection connection, int longest) {
        this.connection = connection;
        this.longest = longest;
    }

    /// Sends in one piece, without waiting.
    void send(String line) throws IOException {
        connection.send((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /// The next line; empty if the other side is gone, be it in the middle of one.
    ///
    /// @param limit for the whole of it
    /// @throws OsException EAGAIN: it took longer
    Optional<String> next(Duration limit) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        do {
            for (; from < to; from++) {
                if (buffer[from] == '\n') {
                    from++;
                    return Optional.of(line.toString(StandardCharsets.UTF_8));
                }
                if (line.size() == longest) {
                    throw new IOException("a line of more than " + longest + " bytes");
                }
                line.write(buffer[from]);
            }
        } while (fill(limit.equals(NO_LIMIT) ? NO_LIMIT : timeLeft(deadline)));
        return Optional.empty();
    }

    /// Waits until the other side is gone, or this one has ended the connection, and disregards what comes.
    void awaitEnd() throws IOException {
        while (fill(NO_LIMIT)) {
            from = to;
        }
    }

    /// Another number for it, which outlives this object.
    Descriptor duplicate() throws OsException {
        return connection.duplicate();
    }

    void end() {
        connection.end();
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }

    /// Whether anything came. A peer that closed without having read everything is gone as well.
    private boolean fill(Duration limit) throws IOException {
        from = 0;
        to = 0;
        try {
            to = Math.max(0, connection.read(buffer, limit));
        } catch (OsException e) {
            if (e.errno() != OsException.ECONNRESET) {
                throw e;
            }
        }
        return to > 0;
    }

    /// At least so much that it is not no limit at all.
    private static Duration timeLeft(long deadline) {
        return Duration.ofNanos(Math.max(1_000_000, deadline - System.nanoTime()));
    }
}
