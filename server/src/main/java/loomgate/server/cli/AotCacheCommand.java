package loomgate.server.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import loomgate.server.command.CommandException;
import loomgate.server.control.ExitCode;
import loomgate.server.master.AotCache;

/// Makes the [AotCache]: runs a server of its own in a temporary folder, asks it some requests by each protocol, and has
/// its worker's JVM write down what it has found out.
final class AotCacheCommand {

    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
    private static final Duration LONGEST_START = Duration.ofSeconds(60);
    private static final Duration LONGEST_END = Duration.ofSeconds(180); // the JVM writes the cache in it
    private static final int REQUESTS = 200; // by each protocol
    private static final String JAR = "loomgate.jar";
    private static final byte[] BODY = "rehearsal=1".getBytes(StandardCharsets.US_ASCII);

    private final AotCache cache;
    private final Path unfinished;
    private final Path folder;

    private AotCacheCommand(AotCache cache, Path folder) {
        this.cache = cache;
        this.unfinished = cache.file().resolveSibling(
                cache.file().getFileName() + "." + ProcessHandle.current().pid());
        this.folder = folder;
    }

    static ExitCode perform(List<String> words) throws Exception {
        if (!words.isEmpty()) {
            throw new CommandException(ExitCode.WRONG_USAGE, "aot-cache takes no words: the cache is made beside the jar");
        }
        AotCache cache = AotCache.ofThisServer().orElseThrow(() -> new CommandException(ExitCode.WRONG_USAGE,
                "aot-cache is for a server that was started by java -jar loomgate.jar"));
        Path directory = cache.file().getParent();
        if (!Files.isWritable(directory)) {
            throw new CommandException(ExitCode.DENIED, cache.file() + " cannot be written: run this as a user who may, "
                    + "who is the one that " + directory + " belongs to");
        }
        Path folder = Files.createTempDirectory("loomgate-aot-cache");
        AotCacheCommand command = new AotCacheCommand(cache, folder);
        try {
            command.make();
        } finally {
            Files.deleteIfExists(command.unfinished);
            delete(folder);
        }
        System.out.println(cache.file() + ": " + Files.size(cache.file()) / (1 << 20) + " MB, for " + cache.jar()
                + " and this Java, " + Runtime.version() + ". Workers that are started from now on use it.");
        return ExitCode.STOPPED;
    }

    private void make() throws Exception {
        Path jar = folder.resolve(JAR); // the one beside the cache may be replaced meanwhile
        Files.copy(cache.jar(), jar, StandardCopyOption.COPY_ATTRIBUTES);
        Process server = start(jar);
        try {
            Path uwsgi = folder.resolve("uwsgi.sock");
            Path http = folder.resolve("http.sock");
            awaitReady(server, http);
            for (int i = 0; i < REQUESTS; i++) {
                ask(http, httpRequest());
                ask(uwsgi, uwsgiRequest());
            }
            server.destroy();
            if (!server.waitFor(LONGEST_END.toSeconds(), TimeUnit.SECONDS) || server.exitValue() != 0
                    || !Files.isRegularFile(unfinished)) {
                throw failed("Java did not write the cache");
            }
        } finally {
            server.destroyForcibly();
        }
        AotCache.bind(unfinished, jar);
        Files.move(unfinished, cache.file(), StandardCopyOption.ATOMIC_MOVE);
    }

    private Process start(Path jar) throws IOException {
        Path ini = folder.resolve("rehearsal.ini");
        Files.writeString(ini, """
                [uwsgi]
                http = %1$s/http.sock
                socket = %1$s/uwsgi.sock
                processes = 1
                module = %2$s
                warmup = GET /
                reload-mercy = %3$d
                jvm-opt = -XX:AOTCacheOutput=%4$s
                """.formatted(folder, Rehearsal.class.getName(), LONGEST_END.toSeconds(), unfinished));
        ProcessBuilder builder = new ProcessBuilder(JAVA.toString(), "-jar", jar.toString(), ini.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log().toFile());
        builder.environment().keySet().removeAll(List.of("NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID")); // of another server
        Process server = builder.start();
        server.getOutputStream().close();
        return server;
    }

    private Path log() {
        return folder.resolve("log");
    }

    private void awaitReady(Process server, Path socket) throws Exception {
        long end = System.nanoTime() + LONGEST_START.toNanos();
        while (!Files.readString(log()).contains(": ready after ") || Files.notExists(socket)) {
            if (server.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() - end > 0) {
                throw failed("the server whose start is to be recorded does not start");
            }
        }
    }

    private CommandException failed(String what) throws IOException {
        return new CommandException(ExitCode.INTERNAL_ERROR, what + ". Its log:\n" + Files.readString(log()));
    }

    private static byte[] httpRequest() {
        byte[] head = ("POST /rehearsal?a=b HTTP/1.1\r\nHost: localhost\r\nUser-Agent: loomgate\r\nAccept: */*\r\n"
                + "Connection: close\r\nContent-Length: " + BODY.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(head.length + BODY.length).put(head).put(BODY).array();
    }

    /// A packet as nginx sends it.
    private static byte[] uwsgiRequest() {
        Map<String, String> variables = Map.of("REQUEST_METHOD", "POST", "REQUEST_URI", "/rehearsal?a=b",
                "PATH_INFO", "/rehearsal", "QUERY_STRING", "a=b", "SERVER_PROTOCOL", "HTTP/1.1",
                "CONTENT_LENGTH", Integer.toString(BODY.length), "CONTENT_TYPE", "application/x-www-form-urlencoded",
                "REMOTE_ADDR", "127.0.0.1", "SERVER_NAME", "localhost", "HTTP_HOST", "localhost");
        ByteBuffer packet = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN).position(4);
        variables.forEach((key, value) -> {
            putText(packet, key);
            putText(packet, value);
        });
        packet.put(0, (byte) 0).putShort(1, (short) (packet.position() - 4)).put(3, (byte) 0).put(BODY);
        byte[] bytes = new byte[packet.position()];
        packet.get(0, bytes);
        return bytes;
    }

    private static void putText(ByteBuffer packet, String text) {
        packet.putShort((short) text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void ask(Path socket, byte[] request) throws Exception {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                InputStream answer = Channels.newInputStream(channel)) {
            channel.write(ByteBuffer.wrap(request));
            String text = new String(answer.readAllBytes(), StandardCharsets.US_ASCII);
            if (!text.startsWith("HTTP/1.1 200 ")) {
                throw failed("a request of the rehearsal was answered with '" + text + "'");
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> all = new ArrayList<>();
        try (Stream<Path> found = Files.walk(folder)) {
            found.forEach(all::add);
        }
        all.sort(Comparator.reverseOrder());
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }
}
