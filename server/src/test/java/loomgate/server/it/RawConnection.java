package loomgate.server.it;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import loomgate.server.os.AbstractSocket;

/// A connection to a listener without any client's own ideas about what to send.
final class RawConnection implements Closeable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /// A response's head, and what followed it.
    record Reply(String statusLine, List<String> fields, InputStream body) {

        int status() {
            return Integer.parseInt(statusLine.split(" ")[1]);
        }

        Optional<String> field(String name) {
            return fields.stream().filter(field -> field.toLowerCase().startsWith(name.toLowerCase() + ": "))
                    .map(field -> field.substring(name.length() + 2)).findFirst();
        }

        /// As many bytes as Content-Length says.
        String text() throws IOException {
            int length = Integer.parseInt(field("Content-Length").orElseThrow());
            return new String(body.readNBytes(length), StandardCharsets.ISO_8859_1);
        }

        /// Everything up to the end of the connection.
        String rest() throws IOException {
            return new String(body.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private final Closeable socket;
    private final InputStream input;
    private final OutputStream output;

    private RawConnection(Closeable socket, InputStream input, OutputStream output) {
        this.socket = socket;
        this.input = new BufferedInputStream(input);
        this.output = output;
    }

    static RawConnection toPort(int port) throws IOException {
        return toPort(port, PATIENCE);
    }

    /// @param patience for each part of an answer
    static RawConnection toPort(int port, Duration patience) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setSoTimeout((int) patience.toMillis());
        socket.setTcpNoDelay(true);
        return new RawConnection(socket, socket.getInputStream(), socket.getOutputStream());
    }

    static RawConnection toAbstractSocket(String name) throws IOException {
        AbstractSocket socket = AbstractSocket.connect(name);
        return new RawConnection(socket, socket.input(), socket.output());
    }

    RawConnection send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    RawConnection send(byte[] bytes) throws IOException {
        output.write(bytes);
        output.flush();
        return this;
    }

    RawConnection send(InputStream bytes) throws IOException {
        bytes.transferTo(output);
        return this;
    }

    /// Reads a response's head.
    Reply reply() throws IOException {
        String statusLine = line();
        List<String> fields = new ArrayList<>();
        for (String field = line(); !field.isEmpty(); field = line()) {
            fields.add(field);
        }
        return new Reply(statusLine, fields, input);
    }

    byte[] bytes(int count) throws IOException {
        return input.readNBytes(count);
    }

    /// Whether the peer has ended the connection in good order and nothing more came. Waits for it.
    boolean isEnded() throws IOException {
        return input.read() < 0;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = input.read(); b != '\n'; b = input.read()) {
            if (b < 0) {
                throw new EOFException("the connection ended after \"" + line + "\"");
            }
            line.append((char) b);
        }
        return line.substring(0, line.length() - 1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
