package loomgate.server.worker.harakiri;

import loomgate.api.Response;
import loomgate.server.protocol.Codec;

/// In place of a connection: a client that never goes away, of a request that the worker asks itself.
public record NoClient() implements ClientConnection {

    @Override
    public String peerName() {
        return "the worker itself";
    }

    @Override
    public Codec.Sent answerInstead(Response response) {
        return Codec.Sent.NOTHING;
    }

    @Override
    public Codec.Sent sent() {
        return Codec.Sent.NOTHING;
    }

    @Override
    public boolean isAwaitingClient() {
        return false;
    }

    @Override
    public void stopReading() {}

    @Override
    public void cutWhenClosed() {}

    @Override
    public void abandon() {}

    @Override
    public boolean isClientGone() {
        return false;
    }

    @Override
    public long bytesIn() {
        return 0;
    }

    @Override
    public long bytesOut() {
        return 0;
    }
}
