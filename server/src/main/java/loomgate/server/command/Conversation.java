package loomgate.server.command;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import loomgate.server.control.ExitCode;
import loomgate.server.os.LocalConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The master's talk with one client: a line that asks, then answers until it is done or the client has gone.
final class Conversation implements Runnable, Reply {

    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);

    private static final int LONGEST_COMMAND = 1024; // bytes
    private static final Duration PATIENCE = Duration.ofSeconds(5); // for the line that asks

    private final LineConnection lines;
    private final Steering steering;
    private final Consumer<Conversation> leaving;
    private final long begunAt = System.nanoTime();
    private volatile boolean isSilent = true;
    private boolean isDone;

    /// @param leaving is told at the end
    Conversation(LocalConnection connection, Steering steering, Consumer<Conversation> leaving) {
        this.lines = new LineConnection(connection, LONGEST_COMMAND);
        this.steering = steering;
        this.leaving = leaving;
    }

    /// Whether the client has not said yet what it wants.
    boolean isSilent() {
        return isSilent;
    }

    /// Whether the client is to hear something yet.
    synchronized boolean isAwaited() {
        return !isDone;
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - begunAt);
    }

    void end() {
        lines.end();
    }

    void deny() {
        finish(new Answer.Denied());
    }

    /// What the client wants is known, and who carries it out has this as the [Reply].
    void isUnderstood() {
        isSilent = false;
    }

    @Override
    public void run() {
        try (lines) {
            if (isSilent) {
                Optional<String> line = lines.next(PATIENCE);
                if (line.isEmpty()) {
                    return;
                }
                isUnderstood();
                perform(line.get());
            }
            lines.awaitEnd();
        } catch (IOException e) {
            LOG.debug("a client of the commands' socket was left: {}", e.getMessage());
        } catch (RuntimeException | Error e) {
            LOG.error("a command failed, which is a fault of Loomgate's own; the master goes on", e);
        } finally {
            leaving.accept(this);
        }
    }

    private void perform(String line) {
        Command command;
        try {
            command = CommandText.command(line);
        } catch (IOException e) {
            done(ExitCode.WRONG_USAGE.status(),
                    e.getMessage() + "; is the command of another version than the server?");
            return;
        }
        try {
            switch (command) {
                case Command.Identify() -> finish(new Answer.Identified(steering.identity()));
                case Command.Reload() -> steering.reload(this);
                case Command.Upgrade() -> steering.upgrade(this, lines.duplicate());
                case Command.Stop(boolean now) -> steering.stop(now, this);
                case Command.ReopenLogs() -> steering.reopenLogs(this);
                case Command.Status() -> steering.status(this);
            }
        } catch (IOException e) {
            done(ExitCode.INTERNAL_ERROR.status(), "the command cannot be carried out: " + e.getMessage());
        } catch (RuntimeException e) {
            done(ExitCode.INTERNAL_ERROR.status(), "a fault of Loomgate's own, which the log tells of");
            throw e;
        }
    }

    @Override
    public synchronized void progress(String text) {
        if (!isDone) {
            say(new Answer.Progress(text));
        }
    }

    @Override
    public void done(int status, String text) {
        finish(new Answer.Done(status, text));
    }

    private synchronized void finish(Answer last) {
        if (!isDone) {
            isDone = true;
            say(last);
            lines.end();
        }
    }

    private void say(Answer answer) {
        try {
            lines.send(CommandText.of(answer));
        } catch (IOException e) {
            LOG.debug("a client does not hear its answer: {}", e.getMessage());
        }
    }
}
