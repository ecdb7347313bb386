package loomgate.server.worker.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import loomgate.server.net.Transport;

/// For a short answer by somebody else than the owner of the connection. It knows the channel alone, so that whatever
/// the owner waits for is not touched by it.
record OutOfTurn(SocketChannel channel) implements Transport {

    @Override
    public int read(ByteBuffer into) {
        throw new UnsupportedOperationException("what comes in is the owner's");
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void transferFrom(FileChannel file, long position, long count) {
        throw new UnsupportedOperationException("an answer out of turn is short");
    }
}
