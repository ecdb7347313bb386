package loomgate.server.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// The bytes of one connection, both ways, each call bounded in time by the owner of the connection. What codecs and
/// their buffers stand on; tests stand them on arrays.
public interface Transport {

    /// Reads at least one byte, or -1 at the end of the peer's stream.
    ///
    /// @throws PeerGone    the connection broke
    /// @throws ReadTimeout nothing came in time
    int read(ByteBuffer into) throws IOException;

    /// Reads what is there without waiting for it: 0 if nothing is, -1 at the end of the peer's stream. A transport on
    /// which nobody waits for long may as well wait.
    ///
    /// @throws PeerGone the connection broke
    default int readNow(ByteBuffer into) throws IOException {
        return read(into);
    }

    /// Writes all of the bytes.
    ///
    /// @throws PeerGone the connection broke or the peer did not take them in time
    void write(ByteBuffer bytes) throws IOException;

    /// Sends a part of a file.
    ///
    /// @throws PeerGone    as [#write]
    /// @throws IOException the file could not be read, or has become shorter
    void transferFrom(FileChannel file, long position, long count) throws IOException;

    /// What is written from here on tells of its end by the end of the stream alone. Until [#endUnframed()], the stream
    /// is not to end well for any other cause either, such as the death of this process, where the transport has a way
    /// to say so.
    default void beginUnframed() throws IOException {}

    /// All of it is written: the end of the stream may come.
    default void endUnframed() throws IOException {}
}
