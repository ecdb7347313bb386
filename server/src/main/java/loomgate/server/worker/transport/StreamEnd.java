package loomgate.server.worker.transport;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import loomgate.server.net.PeerGone;

/// How the peer sees the end of what it is sent: well, or as a reset, which nobody takes for the end of a response. The
/// kernel is told before the channel is closed, so that it also knows when it closes for a process that was killed. A
/// unix socket has no reset. From any thread.
final class StreamEnd {

    private static final int RESET = 0; // values of SO_LINGER
    private static final int NO_RESET = -1;

    private final SocketChannel channel;
    private boolean isCut; // guarded by this

    StreamEnd(SocketChannel channel) {
        this.channel = channel;
    }

    /// It is to be a reset from here on, whatever comes.
    ///
    /// @throws IOException the channel is closed already
    synchronized void cut() throws IOException {
        isCut = true;
        set(RESET);
    }

    /// It is to be a reset until [#endsWell].
    ///
    /// @throws PeerGone somebody has closed the channel while its owner writes
    synchronized void wouldEndBadly() throws PeerGone {
        setWhileWriting(RESET);
    }

    /// It is to be an end like any other, unless it was cut.
    ///
    /// @throws PeerGone as [#wouldEndBadly]
    synchronized void endsWell() throws PeerGone {
        if (!isCut) {
            setWhileWriting(NO_RESET);
        }
    }

    private void setWhileWriting(int linger) throws PeerGone {
        try {
            set(linger);
        } catch (IOException e) {
            throw new PeerGone("the connection was closed while it was written", e);
        }
    }

    private void set(int linger) throws IOException {
        if (channel.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
            channel.setOption(StandardSocketOptions.SO_LINGER, linger);
        }
    }
}
