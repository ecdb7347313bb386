package loomgate.server.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import loomgate.server.command.CommandException;
import loomgate.server.control.ExitCode;
import loomgate.server.master.AotCache;

/// Makes the [AotCache]: runs a server of its own in a temporary folder, asks it some requests by each protocol, and
/// has its worker's JVM write down what it has found out.
final class AotCacheCommand {

    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
    private static final Duration LONGEST_START = Duration.ofSeconds(60);
    private static final Duration LONGEST_REHEARSAL = Duration.ofSeconds(60);
    private static final Duration LONGEST_END = Duration.ofSeconds(180); // the JVM writes the cache in it
    private static final int REQUESTS = 200; // by each protocol
    private static final byte[] BODY = "rehearsal=1".getBytes(StandardCharsets.US_ASCII);

    private final AotCache cache;
    private final Path beside; // the cache, until it is whole
    private final Path folder;
    private final Path log;
    private volatile Optional<Process> server = Optional.empty();

    private AotCacheCommand(AotCache cache, Path folder) {
        this.cache = cache;
        this.beside = cache.file().resolveSibling(cache.file().getFileName() + "." + ProcessHandle.current().pid());
        this.folder = folder;
        this.log = folder.resolve("log");
    }

    static ExitCode perform(List<String> words) throws Exception {
        if (!words.isEmpty()) {
            throw new CommandException(ExitCode.WRONG_USAGE,
                    "aot-cache takes no words: the cache is made beside the jar");
        }
        AotCache cache = AotCache.ofThisServer().orElseThrow(() -> new CommandException(ExitCode.WRONG_USAGE,
                "aot-cache is for a server that was started by java -jar loomgate.jar"));
        Path directory = cache.file().getParent();
        if (!Files.isWritable(directory)) {
            throw new CommandException(ExitCode.DENIED, cache.file() + " cannot be written: run this as a user who may,"
                    + " who is the one that " + directory + " belongs to");
        }
        try {
            AotCacheCommand command = new AotCacheCommand(cache, Files.createTempDirectory("loomgate-aot-cache"));
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(command::leaveNothing));
            command.make();
        } catch (IOException e) {
            throw new CommandException(ExitCode.INTERNAL_ERROR, "the cache cannot be made: " + e);
        }
        System.out.println(cache.file() + ": " + Files.size(cache.file()) / (1 << 20) + " MB, for " + cache.jar()
                + " and this Java, " + Runtime.version() + ". Workers that are started from now on use it.");
        return ExitCode.STOPPED;
    }

    private void make() throws Exception {
        Path jar = folder.resolve(cache.jar().getFileName()); // the one beside the cache may be replaced meanwhile
        Files.copy(cache.jar(), jar, StandardCopyOption.COPY_ATTRIBUTES);
        Path written = folder.resolve("written.aot");
        Process recorded = start(jar, written);
        server = Optional.of(recorded);
        awaitReady(recorded);
        FutureTask<Void> requests = new FutureTask<>(this::ask);
        Thread.ofPlatform().daemon().start(requests);
        try {
            requests.get(LONGEST_REHEARSAL.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw failed("the server whose run is to be recorded does not answer: " + e);
        }
        recorded.destroy();
        if (!recorded.waitFor(LONGEST_END.toSeconds(), TimeUnit.SECONDS) || recorded.exitValue() != 0
                || !Files.isRegularFile(written)) {
            throw failed("Java did not write the cache");
        }
        AotCache.bind(written, jar);
        Files.copy(written, beside);
        Files.setPosixFilePermissions(beside, Files.getPosixFilePermissions(cache.jar())); // for those who read the jar
        Files.move(beside, cache.file(), StandardCopyOption.ATOMIC_MOVE);
    }

    /// The machine code that a cache may have is left out: Java 25 does not look whether the machine that it runs on
    /// later has the instructions.
    private Process start(Path jar, Path written) throws IOException {
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
                jvm-opt = -XX:+UnlockDiagnosticVMOptions
                jvm-opt = -XX:-AOTAdapterCaching
                """.formatted(folder, Rehearsal.class.getName(), LONGEST_END.toSeconds(), written));
        ProcessBuilder builder = new ProcessBuilder(JAVA.toString(), "-jar", jar.toString(), ini.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        // those are of another server
        builder.environment().keySet().removeAll(List.of("NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID"));
        Process started = builder.start();
        started.getOutputStream().close();
        return started;
    }

    private void awaitReady(Process started) throws Exception {
        long end = System.nanoTime() + LONGEST_START.toNanos();
        while (!Files.readString(log).contains(": ready after ")) {
            if (started.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() - end > 0) {
                throw failed("the server whose run is to be recorded does not start");
            }
        }
    }

    private CommandException failed(String what) throws IOException {
        System.err.print(Files.readString(log));
        return new CommandException(ExitCode.INTERNAL_ERROR, what + ". What it has said stands above");
    }

    /// At the end of this process, whatever the reason.
    private void leaveNothing() {
        server.ifPresent(started -> {
            Stream.concat(started.descendants(), Stream.of(started.toHandle())).toList().forEach(process -> {
                process.destroyForcibly();
                process.onExit().join();
            });
        });
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
            Files.deleteIfExists(beside);
        } catch (IOException | UncheckedIOException e) {
            System.err.println("loomgate: something is left of " + folder + " or " + beside + ": " + e);
        }
    }

    private Void ask() throws IOException {
        for (int i = 0; i < REQUESTS; i++) {
            ask("http.sock", httpRequest());
            ask("uwsgi.sock", uwsgiRequest());
        }
        return null;
    }

    private void ask(String socket, byte[] request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve(socket)));
                InputStream answer = Channels.newInputStream(channel)) {
            channel.write(ByteBuffer.wrap(request));
            String text = new String(answer.readAllBytes(), StandardCharsets.US_ASCII);
            if (!text.startsWith("HTTP/1.1 200 ")) {
                throw new IOException("a request was answered with '" + text + "'");
            }
        }
    }

    private static byte[] httpRequest() {
        byte[] head = ("POST /rehearsal?a=b HTTP/1.1\r\nHost: localhost\r\nUser-Agent: loomgate\r\nAccept: */*\r\n"
                + "Connection: close\r\nContent-Length: " + BODY.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
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
}
