package loomgate.server.command;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import loomgate.server.os.Descriptor;
import loomgate.server.os.LocalConnection;
import loomgate.server.os.Sockets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The master's end: hears commands, on threads of its own, and has them carried out by [Steering].
///
/// Nothing that a client does ends it. Clients of other users are sent away at once, and take nobody's place; of the
/// others there are so many at most, and those that do not say what they want make room for those that do.
public final class CommandServer implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(CommandServer.class);

    private static final int BACKLOG = 128;
    private static final int MOST_CLIENTS = 64;

    /// What a client has to say its line, when others wait for its place.
    private static final Duration LEAST_PATIENCE = Duration.ofMillis(100);

    private static final long PAUSE_MS = 100; // when connections cannot be accepted

    private final Descriptor listener;
    private final Steering steering;
    private final Set<Conversation> conversations = new LinkedHashSet<>(); // the oldest first
    private final Thread accepting;
    private volatile boolean isClosed;

    private CommandServer(Descriptor listener, Steering steering) {
        this.listener = listener;
        this.steering = steering;
        this.accepting = Thread.ofPlatform().name("commands").daemon().unstarted(this::acceptAll);
    }

    /// The name under which the master with that pid is found.
    static String name(long pid) {
        return MasterSockets.PREFIX + pid;
    }

    /// Binds the name of this process and begins to listen.
    ///
    /// @throws IOException if the name is taken, most likely
    public static CommandServer start(Steering steering) throws IOException {
        Descriptor listener = Sockets.bindAbstract(name(ProcessHandle.current().pid()));
        Sockets.listen(listener, BACKLOG);
        return over(listener, steering);
    }

    /// Goes on to listen where another program in this process has, which has left its [#listener()].
    public static CommandServer over(Descriptor listener, Steering steering) {
        CommandServer server = new CommandServer(listener, steering);
        server.accepting.start();
        return server;
    }

    /// How many clients have not had their last answer.
    public synchronized int awaiting() {
        return (int) conversations.stream().filter(Conversation::isAwaited).count();
    }

    /// Where clients wait to be heard.
    public Descriptor listener() {
        return listener;
    }

    /// Goes on with a client that has told another program in this process what it wants.
    ///
    /// @param client the connection, which is this object's from here on
    public Reply resume(Descriptor client) {
        Conversation conversation = new Conversation(LocalConnection.over(client), steering, this::left);
        conversation.isUnderstood();
        synchronized (this) {
            conversations.add(conversation);
        }
        Thread.ofPlatform().name("command").daemon().start(conversation);
        return conversation;
    }

    /// Hears nobody any more. What was answered still arrives.
    @Override
    public void close() throws IOException {
        isClosed = true;
        Sockets.shutDown(listener);
        try {
            accepting.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        listener.close();
        synchronized (this) {
            conversations.forEach(Conversation::end);
        }
    }

    private void acceptAll() {
        while (!isClosed) {
            try {
                admit(LocalConnection.accept(listener));
            } catch (IOException | RuntimeException | OutOfMemoryError e) { // also of descriptors, or threads
                if (!isClosed) {
                    LOG.warn("a command could not be heard: {}", e.toString());
                    pause();
                }
            }
        }
    }

    private void admit(LocalConnection connection) throws IOException {
        Conversation conversation = new Conversation(connection, steering, this::left);
        try {
            if (!connection.peer().isOurs()) {
                conversation.deny();
                connection.close();
            } else if (makeRoom(conversation)) {
                Thread.ofPlatform().name("command").daemon().start(conversation);
            } else {
                conversation.done(1, "too many commands are being carried out; try again later");
                connection.close();
            }
        } catch (IOException | RuntimeException | Error e) {
            left(conversation);
            connection.close();
            throw e;
        }
    }

    /// Whether there is a place for one more. The longer ones have been silent, the sooner they lose theirs.
    private synchronized boolean makeRoom(Conversation next) {
        while (conversations.size() >= MOST_CLIENTS && !isClosed) {
            Optional<Conversation> silent = conversations.stream().filter(Conversation::isSilent).findFirst();
            if (silent.isEmpty()) {
                return false;
            }
            long patienceMs = LEAST_PATIENCE.minus(silent.get().age()).toMillis();
            if (patienceMs <= 0) {
                silent.get().end();
            }
            try {
                wait(Math.max(1, patienceMs));
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody should interrupt this", e);
            }
        }
        return conversations.add(next);
    }

    private synchronized void left(Conversation conversation) {
        conversations.remove(conversation);
        notifyAll();
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MS);
        } catch (InterruptedException e) {
            LOG.error("nobody should interrupt this", e);
        }
    }
}
