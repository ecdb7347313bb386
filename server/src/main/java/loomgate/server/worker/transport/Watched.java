package loomgate.server.worker.transport;

import java.io.IOException;

/// Something whose time may be over. Looked at by [DeadlineWatch].
public interface Watched {

    /// Does what is due. Must not wait for anything.
    ///
    /// @param now a reading of [System#nanoTime()]
    /// @throws IOException it was gone already
    void check(long now) throws IOException;
}
