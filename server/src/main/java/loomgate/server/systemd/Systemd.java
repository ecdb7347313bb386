package loomgate.server.systemd;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.function.LongSupplier;
import loomgate.server.os.OsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells systemd how the server is, in the words of sd_notify(3): `Type=notify` or `notify-reload`.
///
/// What cannot be told at once, since systemd is busy, is told at the next turn; that nothing can be told is logged
/// once.
final class Systemd implements ServiceManager {

    private static final Logger LOG = LoggerFactory.getLogger(Systemd.class);

    private static final int LONGEST_STATUS = 500; // characters; systemd reads 4096 bytes
    private static final int MOST_UNSENT = 20;

    /// The master's loop waits no longer, so that a ping this much before its time is never late.
    private static final Duration LOOP_WAIT = Duration.ofMillis(500);

    /// What is added to a time that the server itself keeps, before systemd gives up.
    private static final Duration MARGIN = Duration.ofSeconds(10);

    /// How a datagram is sent.
    interface Sending {
        void send(String datagram) throws IOException;
    }

    private final Sending sending;
    private final long pid;
    private final Duration pingInterval;
    private final LongSupplier clock; // CLOCK_MONOTONIC, in nanoseconds
    private final ArrayDeque<String> unsent = new ArrayDeque<>();
    private boolean isReady;
    private boolean isStopping;
    private String reload = ""; // how far it is
    private String failure = ""; // of the last reload
    private String status = ""; // as it was told last
    private long lastPing;
    private boolean hasFailed;

    /// @param pingInterval zero if there is no watchdog
    /// @param clock        CLOCK_MONOTONIC in nanoseconds, which [System#nanoTime()] is on Linux
    Systemd(Sending sending, long pid, Duration pingInterval, LongSupplier clock) {
        this.sending = sending;
        this.pid = pid;
        this.pingInterval = pingInterval;
        this.clock = clock;
        this.lastPing = clock.getAsLong();
    }

    /// Half of what the watchdog waits, as sd_watchdog_enabled(3) advises; zero if it waits for nobody, or another.
    static Duration pingInterval(Map<String, String> environment, long pid) {
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        String whose = environment.getOrDefault("WATCHDOG_PID", Long.toString(pid));
        return micros.matches("[0-9]{1,15}") && whose.equals(Long.toString(pid))
                ? Duration.ofNanos(Long.parseLong(micros) * 1000 / 2)
                : Duration.ZERO;
    }

    @Override
    public void starting(Duration longestStep) {
        tell(extension(longestStep), "STATUS=the first worker starts");
    }

    /// The watchdog waits for the next sign of life that much longer.
    @Override
    public void handingOver() {
        pingNow();
    }

    @Override
    public void resumed() {
        isReady = true;
        pingNow();
    }

    @Override
    public void turned(int servingWorkers, int generation) {
        sendUnsent();
        if (isStopping) {
            ping();
            return;
        }
        String now = statusText(servingWorkers, generation);
        if (!isReady && servingWorkers > 0) {
            isReady = true;
            tell("READY=1", "MAINPID=" + pid, "STATUS=" + now);
        } else if (isReady && !now.equals(status)) {
            tell("STATUS=" + now);
        }
        status = isReady ? now : status;
        ping();
    }

    private String statusText(int servingWorkers, int generation) {
        if (!reload.isEmpty()) {
            return reload;
        }
        return switch (servingWorkers) {
            case 0 -> "no worker serves; they are started again";
            case 1 -> "1 worker serves generation " + generation;
            default -> servingWorkers + " workers serve generation " + generation;
        } + failure;
    }

    @Override
    public void reloadBegins(Duration longestStep) {
        reload = shown("reload: the configuration is read again");
        if (isAwaited()) {
            tell("RELOADING=1", "MONOTONIC_USEC=" + clock.getAsLong() / 1000, extension(longestStep),
                    "STATUS=" + reload);
            status = reload;
        }
    }

    @Override
    public void reloadProgress(String text, Duration longestStep) {
        reload = shown("reload: " + text);
        if (isAwaited()) {
            tell(extension(longestStep), "STATUS=" + reload);
            status = reload;
        }
    }

    /// Ready again in either case: the old generation serves if the new one is not fit.
    @Override
    public void reloadEnded(boolean isGood, String text) {
        reload = "";
        failure = isGood ? "" : shown("; the last reload failed: " + text);
        if (isAwaited()) {
            tell("READY=1", "STATUS=" + shown((isGood ? "reload: " : "the last reload failed: ") + text));
        }
    }

    /// A service that starts is not yet expected to reload, and one that stops no more.
    private boolean isAwaited() {
        return isReady && !isStopping;
    }

    @Override
    public void leaving(Duration delay, Duration longest) {
        isStopping = true;
        tell("STOPPING=1", extension(delay.plus(longest)), "STATUS=stopping in "
                + delay.plusMillis(999).toSeconds() + " s: until then requests are served as before");
    }

    @Override
    public void stopping(Duration longest) {
        isStopping = true;
        tell("STOPPING=1", extension(longest), "STATUS=stopping: requests in flight are finished");
    }

    private static String extension(Duration longest) {
        return "EXTEND_TIMEOUT_USEC=" + longest.plus(MARGIN).toNanos() / 1000;
    }

    /// In one line, and not too long.
    private static String shown(String text) {
        String line = text.strip().replaceAll("\\s*\\R\\s*", "; ");
        return line.length() <= LONGEST_STATUS ? line : line.substring(0, LONGEST_STATUS - 1) + "…";
    }

    private void ping() {
        long early = pingInterval.minus(LOOP_WAIT).toNanos();
        long since = clock.getAsLong() - lastPing;
        if (since >= Math.max(early, pingInterval.toNanos() / 2)) {
            pingNow();
        }
    }

    private void pingNow() {
        if (!pingInterval.isZero()) {
            lastPing = clock.getAsLong();
            send("WATCHDOG=1"); // what is not sent now would be too late
        }
    }

    private void tell(String... lines) {
        unsent.add(String.join("\n", lines));
        while (unsent.size() > MOST_UNSENT) {
            unsent.remove();
        }
        sendUnsent();
    }

    private void sendUnsent() {
        while (!unsent.isEmpty() && send(unsent.peek())) {
            unsent.remove();
        }
    }

    /// Whether that is done with: sent, or not to be sent.
    private boolean send(String datagram) {
        try {
            sending.send(datagram);
            return true;
        } catch (OsException e) {
            return e.errno() != OsException.EAGAIN && failed(e);
        } catch (IOException | RuntimeException e) {
            return failed(e);
        }
    }

    private boolean failed(Exception e) {
        if (!hasFailed) {
            hasFailed = true;
            LOG.warn("systemd cannot be told how the server is: {}", e.getMessage());
        }
        return true;
    }
}
