package loomgate.server.master;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import loomgate.server.os.Descriptor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who has started the server in the background and waits until it serves, at the other end of a channel; or nobody.
final class Starter {

    private static final Logger LOG = LoggerFactory.getLogger(Starter.class);

    private final Optional<Descriptor> channel;
    private volatile boolean isTold;

    Starter(Optional<Descriptor> channel) {
        this.channel = channel;
    }

    /// Runs the action if the starter goes away before it was told: the one who typed Ctrl-C does not want the server.
    void onLoss(Runnable action) {
        channel.ifPresent(socket -> Thread.ofPlatform().name("starter").daemon().start(() -> {
            try (InputStream nothing = socket.input()) {
                nothing.read();
            } catch (IOException e) {
                LOG.debug("the starter's channel broke", e);
            }
            if (!isTold) {
                LOG.warn("who started the server has not waited until it was ready");
                action.run();
            }
        }));
    }

    /// Says, once, that the server serves.
    void tellReady() {
        if (isTold || channel.isEmpty()) {
            return;
        }
        isTold = true;
        try {
            channel.get().outputThatNeverWaits().write('+');
        } catch (IOException e) {
            LOG.warn("who started the server was gone when it was ready: {}", e.getMessage());
        }
    }
}
