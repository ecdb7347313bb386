package loomgate.server.log;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/// What is printed to it reaches the log line by line, without making the printing thread wait for the log.
///
/// A line that is longer than a pipe takes whole is broken into several.
public final class LineStream extends OutputStream {

    private final LogWriter log;
    private final String prefix;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    private LineStream(LogWriter log, String prefix) {
        this.log = log;
        this.prefix = prefix;
    }

    /// A stream for [System#setOut] or [System#setErr], in UTF-8.
    ///
    /// @param prefix that each line begins with
    public static PrintStream printingTo(LogWriter log, String prefix) {
        return new PrintStream(new LineStream(log, prefix), true, StandardCharsets.UTF_8);
    }

    @Override
    public synchronized void write(int b) {
        if (b == '\n') {
            end();
            return;
        }
        line.write(b);
        if (line.size() >= LogLine.LONGEST - prefix.length() - 1) {
            end();
        }
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            write(bytes[i]);
        }
    }

    /// A line that was begun waits for its end: half a line would be a line of its own.
    @Override
    public void flush() {}

    private void end() {
        log.add(new TextLine(prefix + line.toString(StandardCharsets.ISO_8859_1)));
        line.reset();
    }
}
