package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Responses that take their time or go wrong, on each kind of listener and without nginx, which would hide some of it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ResponseIT {

    private enum Way {
        HTTP_TCP,
        HTTP_UNIX,
        UWSGI_TCP,
        UWSGI_UNIX
    }

    private static final int MIB = (int) TestBytes.MIB;

    private static final int RECEIVE_BUFFER = 256 * 1024; // bytes

    private RunningServer server;

    @RegisterExtension
    final Failures failures = new Failures();

    @BeforeAll
    void startServer() throws IOException {
        server = RunningServer.start("""
                http = 127.0.0.1:0
                socket = 127.0.0.1:0
                http = app.http
                socket = app.sock
                module = loomgate.server.it.app.TestApplication
                jvm-classpath = %s
                jvm-opt = -Xmx32m
                jvm-opt = -XX:TieredStopAtLevel=1
                """.formatted(RunningServer.TEST_CLASSES)).awaitReady(1);
    }

    @AfterAll
    void endServer() throws IOException {
        if (!failures.any()) {
            server.succeeded();
        }
        server.close();
    }

    private Client client(Way way) {
        return switch (way) {
            case HTTP_TCP -> Client.http(server.port(0));
            case HTTP_UNIX -> Client.http(server.folder().resolve("app.http"));
            case UWSGI_TCP -> Client.uwsgi(server.port(1));
            case UWSGI_UNIX -> Client.uwsgi(server.folder().resolve("app.sock"));
        };
    }

    /// Bytes of the body that come before the end of the connection, however it ends.
    private static long bodyLength(Client.Sent sent) {
        StringBuilder text = new StringBuilder();
        try {
            for (String some = sent.some(); !some.isEmpty(); some = sent.some()) {
                text.append(some);
            }
        } catch (IOException _) {
            // a reset, which is meant: nobody takes it for the end of the response
        }
        int end = text.indexOf("\r\n\r\n");
        return end < 0 ? 0 : text.length() - end - 4;
    }

    @ParameterizedTest
    @EnumSource
    void whatIsFlushedArrivesAtOnce(Way way) throws Exception {
        Path until = server.folder().resolve("until-" + way);
        try (Client.Sent sent = client(way).send("/steps?until=" + until)) {
            StringBuilder text = new StringBuilder();
            while (text.indexOf("one\n") < 0) {
                text.append(sent.some());
            }
            Files.createFile(until); // for which the writer waits
            assertTrue(sent.answer().text().contains("two\n"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void writerIsNotFarAheadOfAClientThatIsSlow(Way way) throws Exception {
        long length = Soak.of(128, 1024) * TestBytes.MIB;
        long pid = server.workers().getFirst();
        long atFirst = 0;
        try (Client.Sent sent = client(way).send("/endless?bytes=" + length)) {
            sent.channel().setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
            ByteBuffer bytes = ByteBuffer.allocateDirect(MIB);
            long received = 0;
            long looked = 0;
            long mostOnTheWay = mostInTheKernel();
            while (sent.channel().read(bytes.clear()) >= 0) {
                received += bytes.position();
                if (received - looked >= 8L * MIB) {
                    looked = received;
                    long written = Long.parseLong(client(Way.HTTP_TCP).get("/written").body().strip());
                    assertTrue(written - received < mostOnTheWay, written + " written, " + received + " received");
                    long resident = ProcessFiles.residentBytes(pid);
                    atFirst = atFirst == 0 ? resident : atFirst;
                    assertTrue(resident < atFirst + 32L * MIB, "from " + atFirst + " to " + resident);
                }
            }
            assertTrue(received > length, received + " bytes");
        }
    }

    /// What TCP lets the server's side of a connection grow to, and what there is on the client's side, with room for
    /// the kernel's book-keeping. Unix sockets hold less.
    private static long mostInTheKernel() throws IOException {
        try (InputStream limits = Files.newInputStream(Path.of("/proc/sys/net/ipv4/tcp_wmem"))) {
            String text = new String(limits.readNBytes(100)); // at once: a second read of such a file gets nothing
            return Long.parseLong(text.strip().split("\\s+")[2]) + 4L * RECEIVE_BUFFER;
        }
    }

    @Test
    void writerWhoseClientHasGoneIsRefusedAndNobodyIsToBlame() throws Exception {
        try (RunningServer own = RunningServer.start("http = 127.0.0.1:0\nsocket = 127.0.0.1:0\nhttp = app.http\n"
                + "socket = app.sock\n" + RunningServer.TEST_APPLICATION).awaitReady(1)) {
            List<Client> clients = List.of(Client.http(own.port(0)), Client.uwsgi(own.port(1)),
                    Client.http(own.folder().resolve("app.http")), Client.uwsgi(own.folder().resolve("app.sock")));
            for (Client client : clients) {
                try (Client.Sent sent = client.send("/endless?bytes=" + (1L << 40))) {
                    sent.some();
                }
            }
            own.awaitLog("the writer was refused: the connection broke while it was written", clients.size());
            own.awaitLog("GET /endless\\S+ => generated", clients.size());
            assertEquals(List.of(),
                    own.matches(" ERROR |Exception|\n\tat ").stream().map(match -> match.group()).toList());
            own.assertStops();
        }
    }

    @ParameterizedTest
    @EnumSource
    void bodyThatIsTooShortIsCut(Way way) throws Exception {
        String uri = "/wrong-length?announced=1000000&written=500000&" + way;
        try (Client.Sent sent = client(way).send(uri)) {
            assertTrue(bodyLength(sent) <= 500_000);
        }
        server.awaitLog("GET " + uri.replace("?", "\\?") + ": the response is cut off: \\S+BodyLengthMismatch:"
                + " the body was announced with 1000000 bytes, its writer wrote 500000\n", 1);
    }

    @ParameterizedTest
    @EnumSource
    void bodyThatIsTooLongIsSentNoFurtherThanAnnounced(Way way) throws Exception {
        String uri = "/wrong-length?announced=500000&written=1000000&" + way;
        try (Client.Sent sent = client(way).send(uri)) {
            assertTrue(bodyLength(sent) <= 500_000);
        }
        server.awaitLog("GET " + uri.replace("?", "\\?") + ": the response is cut off: \\S+BodyLengthMismatch:"
                + " the body was announced with 500000 bytes, its writer wrote 524288\n", 1);
    }

    @ParameterizedTest
    @EnumSource
    void wrongLengthIsA500IfNothingHasLeft(Way way) throws Exception {
        for (String lengths : List.of("announced=10&written=5", "announced=5&written=10")) {
            String answer = client(way).get("/wrong-length?" + lengths).text();
            assertTrue(answer.startsWith("HTTP/1.1 500 "), answer);
        }
    }

    @ParameterizedTest
    @EnumSource
    void fileThatIsCutOffWhileItIsSentCutsTheResponse(Way way) throws Exception {
        Path file = Files.write(server.folder().resolve("shrinking-" + way), new byte[64 * MIB]);
        String uri = "/file?path=" + file;
        try (Client.Sent sent = client(way).send(uri)) {
            sent.some(); // the rest waits until it is taken
            try (FileChannel truncated = FileChannel.open(file, StandardOpenOption.WRITE)) {
                truncated.truncate(MIB);
            }
            assertTrue(bodyLength(sent) < 64L * MIB);
        }
        server.awaitLog("GET " + uri.replace("?", "\\?")
                + ": the response is cut off: \\S+: the file has become shorter while it was sent", 1);
    }

    @ParameterizedTest
    @EnumSource
    void fileThatGrowsIsSentAsLongAsItWas(Way way) throws Exception {
        Path file = Files.write(server.folder().resolve("growing-" + way), new byte[64 * MIB]);
        try (Client.Sent sent = client(way).send("/file?path=" + file)) {
            int begin = sent.some().length();
            Files.write(file, new byte[MIB], StandardOpenOption.APPEND);
            long length = begin;
            ByteBuffer bytes = ByteBuffer.allocateDirect(MIB);
            while (sent.channel().read(bytes.clear()) >= 0) {
                length += bytes.position();
            }
            assertTrue(length > 64L * MIB && length < 64L * MIB + 1000, length + " bytes with the head");
        }
    }

    @ParameterizedTest
    @EnumSource
    void fileThatCannotBeSentIsNamedInTheLog(Way way) throws Exception {
        Path missing = server.folder().resolve("missing-" + way);
        assertTrue(client(way).get("/file?path=" + missing).text().startsWith("HTTP/1.1 404 "));
        server.awaitLog("the response's file cannot be sent: \\S+NoSuchFileException: " + missing, 1);
        Path folder = Files.createDirectory(server.folder().resolve("folder-" + way));
        assertTrue(client(way).get("/file?path=" + folder).text().startsWith("HTTP/1.1 500 "));
        server.awaitLog("the response's file cannot be sent: \\S+FileSystemException: " + folder
                + ": not a regular file", 1);
    }
}
