package loomgate.server.worker;

import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import loomgate.server.config.ListenerSettings;
import loomgate.server.os.Adoption;
import loomgate.server.os.Descriptor;
import loomgate.server.os.Sockets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A listening socket that this worker shares with others, and the loop that accepts from it.
///
/// The loop blocks in `accept` on a platform thread, where the kernel wakes one process for each connection. It ends by
/// closing the channel, never by an interrupt, which could lose a connection that was just accepted.
final class Listener {

    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
    private static final long REST_SECONDS = 1; // after a failure that does not pass by itself

    private final ListenerSettings settings;
    private final Descriptor inherited; // kept open, to accept what is left in the queue when the channel is closed
    private final ServerSocketChannel channel;
    private final Connections connections;
    private final Thread thread;

    Listener(ListenerSettings settings, Descriptor inherited, Connections connections) throws IOException {
        this.settings = settings;
        this.inherited = inherited;
        this.connections = connections;
        inherited.closeOnExec();
        this.channel = Adoption.listener(inherited);
        this.thread = Thread.ofPlatform().name("accept " + settings.address()).daemon().unstarted(this::acceptUntilClosed);
    }

    void start() {
        thread.start();
    }

    /// Takes no more connections. What the kernel has queued is left to the other workers.
    void stop() throws IOException, InterruptedException {
        channel.close();
        // the loop may stand before `awaitPlace` of a full worker, which only an interrupt ends; it is not accepting then
        while (!thread.join(java.time.Duration.ofMillis(100))) {
            if (thread.getState() == Thread.State.WAITING) {
                thread.interrupt();
            }
        }
    }

    /// Takes the connections that were queued when everybody stopped: those of a unix socket to the last one, since new
    /// ones are refused from now on; those of a TCP socket until there is none for a moment.
    void acceptQueued() throws IOException, InterruptedException {
        if (Adoption.isUnix(inherited)) {
            Sockets.refuseConnections(inherited);
        }
        try (ServerSocketChannel queue = Adoption.listener(inherited)) {
            queue.configureBlocking(false);
            while (true) {
                connections.awaitPlace();
                SocketChannel accepted = acceptIfAny(queue);
                if (accepted == null) {
                    connections.placeUnused();
                    break;
                }
                begin(accepted);
            }
        }
        inherited.close();
    }

    private static SocketChannel acceptIfAny(ServerSocketChannel queue) {
        try {
            return queue.accept();
        } catch (IOException e) {
            LOG.debug("nothing is left in the queue", e); // EINVAL: the unix socket is shut down and empty
            return null;
        }
    }

    private void acceptUntilClosed() {
        try {
            while (channel.isOpen()) {
                connections.awaitPlace();
                SocketChannel accepted = accept();
                if (accepted == null) {
                    connections.placeUnused();
                } else {
                    begin(accepted);
                }
            }
        } catch (InterruptedException _) {
            LOG.debug("{} was full when it was closed", settings.address());
        }
    }

    private SocketChannel accept() throws InterruptedException {
        try {
            return channel.accept();
        } catch (AsynchronousCloseException e) {
            return null;
        } catch (ClosedChannelException e) {
            return null;
        } catch (IOException e) {
            if (channel.isOpen()) {
                LOG.error("{}: no connection can be accepted: {}; trying again", settings.address(), e.getMessage());
                TimeUnit.SECONDS.sleep(REST_SECONDS); // descriptors have run out, most likely: let some be closed
            }
            return null;
        }
    }

    private void begin(SocketChannel accepted) {
        try {
            connections.begin(accepted, settings.kind());
        } catch (IOException e) {
            connections.placeUnused();
            LOG.debug("{}: a connection was gone when it was accepted", settings.address(), e);
        }
    }
}
