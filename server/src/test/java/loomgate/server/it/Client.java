package loomgate.server.it;

import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;

/// Speaks to a listener directly, one request a connection and without a second try: what is lost is seen.
record Client(SocketAddress address, Protocol protocol) {

    enum Protocol {
        UWSGI,
        HTTP
    }

    static Client http(int port) {
        return new Client(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Protocol.HTTP);
    }

    static Client uwsgi(int port) {
        return new Client(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Protocol.UWSGI);
    }

    static Client uwsgi(Path path) {
        return new Client(UnixDomainSocketAddress.of(path), Protocol.UWSGI);
    }

    static Client http(Path path) {
        return new Client(UnixDomainSocketAddress.of(path), Protocol.HTTP);
    }

    /// An answer as it came.
    record Answer(String text) {

        boolean isComplete(String body) {
            return text.startsWith("HTTP/1.1 200 ") && text.endsWith("\r\n\r\n" + body);
        }

        String body() {
            return text.substring(text.indexOf("\r\n\r\n") + 4);
        }

        long worker() {
            return Long.parseLong(text.replaceFirst("(?s).*\r\nX-Worker: \\d+:(\\d+)\r\n.*", "$1"));
        }
    }

    /// A request that was sent and whose answer was not read yet.
    record Sent(SocketChannel channel) implements AutoCloseable {

        /// The answer, read to the end of the connection.
        Answer answer() throws IOException {
            try (channel) {
                return new Answer(new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8));
            }
        }

        /// What has come next of the answer; nothing at its end.
        String some() throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(64 * 1024);
            channel.read(bytes);
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /// Connects and sends a GET; the kernel takes it even if nobody accepts.
    Sent send(String uri) throws IOException {
        SocketChannel channel = SocketChannel.open(address);
        channel.write(ByteBuffer.wrap(protocol == Protocol.HTTP ? httpRequest(uri) : uwsgiRequest(uri)));
        return new Sent(channel);
    }

    Answer get(String uri) throws IOException {
        return send(uri).answer();
    }

    /// Sends so many requests, and reads each answer in a thread of its own.
    List<FutureTask<Answer>> start(int requests, String uri) throws IOException {
        List<FutureTask<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            Sent sent = send(uri);
            FutureTask<Answer> answer = new FutureTask<>(sent::answer);
            Thread.ofVirtual().start(answer);
            answers.add(answer);
        }
        return answers;
    }

    /// Waits until the application, over all workers, runs so many requests beside the one that asks. Returns how many
    /// each worker has, by its pid.
    Map<Long, Integer> awaitRunning(int requests) {
        Map<Long, Integer> running = new HashMap<>();
        await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(20)).until(() -> {
            Answer answer = get("/running");
            running.put(answer.worker(), Integer.parseInt(answer.body().strip()) - 1);
            return running.values().stream().mapToInt(Integer::intValue).sum() >= requests;
        });
        return running;
    }

    private static byte[] httpRequest(String uri) {
        return ("GET " + uri + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] uwsgiRequest(String uri) {
        int mark = uri.indexOf('?');
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        variable(block, "REQUEST_METHOD", "GET");
        variable(block, "REQUEST_URI", uri);
        variable(block, "PATH_INFO", mark < 0 ? uri : uri.substring(0, mark));
        variable(block, "QUERY_STRING", mark < 0 ? "" : uri.substring(mark + 1));
        variable(block, "SERVER_PROTOCOL", "HTTP/1.1");
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(0);
        length(packet, block.size());
        packet.write(0);
        packet.writeBytes(block.toByteArray());
        return packet.toByteArray();
    }

    private static void variable(ByteArrayOutputStream block, String name, String value) {
        for (String text : List.of(name, value)) {
            length(block, text.length());
            block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static void length(ByteArrayOutputStream out, int length) {
        out.write(length);
        out.write(length >> 8);
    }
}
