package loomgate.server.it;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import loomgate.server.protocol.fuzz.HttpReference;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/// Another server that reads HTTP. Behind it is an application that says in the field `X-Seen` what it was given:
/// `METHOD TARGET HOST BODY`, the body in hexadecimal digits, `-` for what is not there.
///
/// @param address  where it listens
/// @param stopping ends it
record HttpPeer(SocketAddress address, Stopping stopping) implements AutoCloseable {

    /// Ends a server.
    interface Stopping {
        void stop() throws IOException;
    }

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final List<Path> UWSGI = List.of(Path.of("/usr/bin/uwsgi"), Path.of("/usr/sbin/uwsgi"));

    /// nginx as it stands in front of Loomgate, and behind it somebody who takes down what it sends.
    static HttpPeer nginx(Path folder) throws IOException {
        Path upstream = folder.resolve("upstream.sock");
        Path front = folder.resolve("nginx.sock");
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(upstream));
        Thread.ofVirtual().start(() -> takeDown(listener));
        Nginx nginx = Nginx.startWith(port -> """
                server {
                    listen 127.0.0.1:%d;
                    listen unix:%s;
                    location / {
                        proxy_pass http://unix:%s:;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_set_header Host $host;
                        proxy_ignore_client_abort on;
                    }
                }
                """.formatted(port, front, upstream));
        return new HttpPeer(UnixDomainSocketAddress.of(front), () -> {
            nginx.close();
            listener.close();
        });
    }

    private static void takeDown(ServerSocketChannel listener) {
        try {
            while (true) {
                SocketChannel channel = listener.accept();
                Thread.ofVirtual().start(() -> answer(channel));
            }
        } catch (ClosedChannelException _) {
            // that was all
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void answer(SocketChannel channel) {
        try (channel) {
            StringBuilder message = new StringBuilder();
            ByteBuffer in = ByteBuffer.allocate(16 * 1024);
            HttpReference request = null;
            while (request == null || request.body() == null) {
                if (channel.read(in) < 0) {
                    return;
                }
                message.append(StandardCharsets.ISO_8859_1.decode(in.flip()));
                in.clear();
                request = message.indexOf("\r\n\r\n") < 0 ? null : HttpReference.at(message.toString(), 0);
            }
            String[] line = request.requestLine().split(" ");
            int host = request.fields().indexOf("Host");
            String seen = seen(line[0], line[1], host < 0 ? null : request.fields().get(host + 1),
                    request.body().getBytes(StandardCharsets.ISO_8859_1));
            channel.write(ByteBuffer.wrap(("HTTP/1.1 200 OK\r\nX-Seen: " + seen
                    + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The real uWSGI, with Python; empty where it is not installed.
    static Optional<HttpPeer> uwsgi(Path folder) throws IOException, URISyntaxException, InterruptedException {
        Path program = UWSGI.stream().filter(Files::isExecutable).findFirst().orElse(null);
        if (program == null || !runs(program, "--plugin", "python3", "--version")) {
            return Optional.empty();
        }
        Path socket = folder.resolve("uwsgi.sock");
        Path application = Path.of(HttpPeer.class.getResource("/peer/seen.py").toURI());
        Process process = new ProcessBuilder(program.toString(), "--plugin", "python3",
                "--http-socket", socket.toString(), "--wsgi-file", application.toString(), "--socket-timeout", "2",
                "--disable-logging")
                .directory(folder.toFile())
                .redirectErrorStream(true).redirectOutput(folder.resolve("uwsgi.log").toFile()).start();
        HttpPeer peer = new HttpPeer(UnixDomainSocketAddress.of(socket), () -> RunningServer.end(process));
        await().atMost(PATIENCE).until(() -> Files.exists(socket) || !process.isAlive());
        return Optional.of(peer);
    }

    private static boolean runs(Path program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
    }

    /// Jetty, as it is by default.
    static HttpPeer jetty() throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setIdleTimeout(2000);
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                byte[] body = Content.Source.asInputStream(request).readAllBytes();
                response.getHeaders().put("X-Seen", seen(request.getMethod(), request.getHttpURI().getPathQuery(),
                        request.getHttpURI().getHost(), body));
                callback.succeeded();
                return true;
            }
        });
        server.start();
        return new HttpPeer(new InetSocketAddress(InetAddress.getLoopbackAddress(), connector.getLocalPort()), () -> {
            try {
                server.stop();
            } catch (Exception e) {
                throw new IOException("Jetty does not stop", e);
            }
        });
    }

    private static String seen(String method, String target, String host, byte[] body) {
        return String.join(" ", orDash(method), orDash(target), orDash(host), orDash(HexFormat.of().formatHex(body)));
    }

    private static String orDash(String word) {
        return word == null || word.isEmpty() ? "-" : word;
    }

    @Override
    public void close() throws IOException {
        stopping.stop();
    }
}
