package loomgate.server.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/// A connection on which bytes were sent, whole and with the end of the stream behind them, and everything that came
/// back was read.
///
/// @param text     one character a byte
/// @param isBroken whether the connection ended with an error, a reset for instance
record Exchange(String text, boolean isBroken) {

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3}) ");
    private static final Pattern SEEN = Pattern.compile("\r\nX-Seen: ([^\r]*)\r\n");

    static Exchange with(Path socket, byte[] bytes) throws IOException {
        return with(UnixDomainSocketAddress.of(socket), bytes);
    }

    static Exchange with(SocketAddress address, byte[] bytes) throws IOException {
        try (SocketChannel channel = SocketChannel.open(address)) {
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            boolean isBroken = false;
            try {
                ByteBuffer out = ByteBuffer.wrap(bytes);
                while (out.hasRemaining()) {
                    channel.write(out);
                }
                channel.shutdownOutput();
            } catch (IOException _) {
                isBroken = true; // it may have answered before it ended the connection
            }
            ByteBuffer in = ByteBuffer.allocate(4096);
            try {
                while (channel.read(in) >= 0) {
                    answer.write(in.array(), 0, in.position());
                    in.clear();
                }
            } catch (IOException _) {
                isBroken = true;
            }
            return new Exchange(answer.toString(StandardCharsets.ISO_8859_1), isBroken);
        }
    }

    /// The statuses of the answers, as far as they begin a line.
    List<Integer> statuses() {
        return STATUS.matcher(text).results().map(match -> Integer.valueOf(match.group(1))).toList();
    }

    /// What [loomgate.server.it.app.RecordingApplication], or a like of it, has said of each request.
    List<String> seen() {
        return SEEN.matcher(text).results().map(match -> match.group(1)).toList();
    }
}
