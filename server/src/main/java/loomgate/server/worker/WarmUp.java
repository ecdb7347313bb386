package loomgate.server.worker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import loomgate.server.application.ApplicationException;
import loomgate.server.config.ListenerSettings;
import loomgate.server.net.Transport;
import loomgate.server.protocol.Codec;
import loomgate.server.protocol.Peer;
import loomgate.server.worker.harakiri.Harakiri;
import loomgate.server.worker.harakiri.NoClient;

/// Requests that a worker asks itself, before anybody else may: through all that a request goes through, but the
/// network.
record WarmUp(Codecs codecs, Harakiri harakiri, Exchange exchange) {

    private static final Peer SELF = new Peer("127.0.0.1", 0, "localhost", 0);

    /// Asks them in their order.
    ///
    /// @param requests `GET /path`
    /// @throws ApplicationException if one is not answered with 2xx
    void run(List<String> requests) throws ApplicationException {
        for (String request : requests) {
            int status = ask(request);
            if (status / 100 != 2) {
                throw new ApplicationException(
                        "warmup = " + request + " was answered with " + status + ", and not with 2xx");
            }
        }
    }

    private int ask(String request) throws ApplicationException {
        String text = request
                + " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: loomgate-warmup\r\nConnection: close\r\n\r\n";
        Codec codec = codecs.open(ListenerSettings.Kind.HTTP, new InMemory(text), SELF);
        try {
            exchange.answer(codec, harakiri.begin(codec.readHead().orElseThrow(), new NoClient()));
            return codec.sent().status();
        } catch (IOException e) {
            throw new ApplicationException("warmup = " + request + " was not answered to its end: " + e, e);
        }
    }

    /// A connection on which one request comes, and whose answer nobody reads.
    private static final class InMemory implements Transport {

        private final ByteBuffer request;

        InMemory(String text) {
            request = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public int read(ByteBuffer into) {
            if (!request.hasRemaining()) {
                return -1;
            }
            int before = into.position();
            while (into.hasRemaining() && request.hasRemaining()) {
                into.put(request.get());
            }
            return into.position() - before;
        }

        @Override
        public void write(ByteBuffer bytes) {
            bytes.position(bytes.limit());
        }

        @Override
        public void transferFrom(FileChannel file, long position, long count) {}
    }
}
