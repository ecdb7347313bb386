package loomgate.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import loomgate.api.Response;
import loomgate.server.net.ArrayTransport;
import loomgate.server.net.ArrayTransport.Then;
import loomgate.server.protocol.http.HttpCodec;
import loomgate.server.protocol.uwsgi.Packet;
import loomgate.server.protocol.uwsgi.UwsgiCodec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Files as bodies, from the bytes of the request to the bytes of the response.
class FileResponseTest {

    private enum Wire {
        HTTP,
        UWSGI
    }

    private static final Peer PEER = new Peer("192.0.2.7", 40123, "192.0.2.1", 8080);
    private static final Instant MODIFIED = Instant.parse("1994-11-06T08:49:37Z");
    private static final String DATE = "Sun, 06 Nov 1994 08:49:37 GMT";

    @TempDir
    Path folder;

    /// What has been written in answer to one request.
    private record Answer(String head, String body) {

        String status() {
            return head.substring(9, 12);
        }

        String field(String name) {
            Matcher field = Pattern.compile("\r\n" + name + ": ([^\r]*)\r\n").matcher(head);
            return field.find() ? field.group(1) : "absent";
        }
    }

    private Response digits(int count) throws IOException {
        Path file = Files.writeString(folder.resolve("f"), "0123456789".repeat(count / 10));
        Files.setLastModifiedTime(file, FileTime.from(MODIFIED));
        return Response.file("text/plain", file);
    }

    private static Answer answer(Wire wire, Response response, String method, String... fields) throws Exception {
        ArrayTransport transport = new ArrayTransport(Then.FALLS_SILENT, request(wire, method, fields));
        Limits limits = new Limits(4096);
        Codec codec = wire == Wire.HTTP ? new HttpCodec(transport, limits, PEER)
                : new UwsgiCodec(transport, limits, PEER);
        codec.readHead().orElseThrow();
        codec.write(response);
        String written = transport.written();
        int end = written.indexOf("\r\n\r\n") + 4;
        assertEquals(end, codec.sent().headBytes());
        assertEquals(written.length() - end, codec.sent().bodyBytes());
        return new Answer(written.substring(0, end), written.substring(end));
    }

    private static byte[] request(Wire wire, String method, String... fields) {
        Packet packet = new Packet(0).with("REQUEST_METHOD", method).with("PATH_INFO", "/f");
        StringBuilder text = new StringBuilder(method + " /f HTTP/1.1\r\nHost: a\r\n");
        for (int i = 0; i < fields.length; i += 2) {
            packet = packet.with("HTTP_" + fields[i].toUpperCase(Locale.ROOT).replace('-', '_'), fields[i + 1]);
            text.append(fields[i]).append(": ").append(fields[i + 1]).append("\r\n");
        }
        return wire == Wire.UWSGI ? packet.bytes()
                : text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @EnumSource
    void wholeFileHasItsValidators(Wire wire) throws Exception {
        Answer answer = answer(wire, digits(100), "GET");
        assertEquals("200", answer.status());
        assertEquals("100", answer.field("Content-Length"));
        assertEquals(DATE, answer.field("Last-Modified"));
        assertEquals("bytes", answer.field("Accept-Ranges"));
        assertTrue(answer.field("ETag").matches("\"[0-9a-f]+(-[0-9a-f]+){2}\""), answer.head());
        assertEquals("0123456789".repeat(10), answer.body());
    }

    @ParameterizedTest
    @EnumSource
    void headHasTheHeadOfGetWhateverItsRange(Wire wire) throws Exception {
        Response file = digits(100);
        String get = answer(wire, file, "GET").head();
        assertEquals(get, answer(wire, file, "HEAD").head());
        Answer ranged = answer(wire, file, "HEAD", "Range", "bytes=10-19");
        assertEquals(get, ranged.head());
        assertEquals("", ranged.body());
    }

    @ParameterizedTest
    @EnumSource
    void partIsWhatWasAskedFor(Wire wire) throws Exception {
        Answer answer = answer(wire, digits(100), "GET", "Range", "bytes=15-24");
        assertEquals("HTTP/1.1 206 Partial Content", answer.head().lines().findFirst().orElseThrow());
        assertEquals("bytes 15-24/100", answer.field("Content-Range"));
        assertEquals("10", answer.field("Content-Length"));
        assertEquals("text/plain", answer.field("Content-Type"));
        assertEquals(DATE, answer.field("Last-Modified"));
        assertEquals("5678901234", answer.body());
    }

    @ParameterizedTest
    @EnumSource
    void largePartIsTransferred(Wire wire) throws Exception {
        Answer answer = answer(wire, digits(1_000_000), "GET", "Range", "bytes=123456-");
        assertEquals("bytes 123456-999999/1000000", answer.field("Content-Range"));
        assertEquals(("0123456789".repeat(100_000)).substring(123456), answer.body());
    }

    @ParameterizedTest
    @EnumSource
    void partBehindTheEndIsRefusedWithTheLength(Wire wire) throws Exception {
        Answer answer = answer(wire, digits(100), "GET", "Range", "bytes=100-");
        assertEquals("416", answer.status());
        assertEquals("bytes */100", answer.field("Content-Range"));
        assertEquals("416 Range Not Satisfiable\n", answer.body());
    }

    @ParameterizedTest
    @EnumSource
    void severalPartsAreTheWhole(Wire wire) throws Exception {
        Answer answer = answer(wire, digits(100), "GET", "Range", "bytes=0-1,5-6");
        assertEquals("200", answer.status());
        assertEquals(100, answer.body().length());
    }

    @ParameterizedTest
    @EnumSource
    void clientThatHasTheFileIsToldSoAndNothingOfItsContent(Wire wire) throws Exception {
        Response file = digits(100).withHeader("Cache-Control", "no-cache");
        String tag = answer(wire, file, "GET").field("ETag");
        for (String method : new String[] {"GET", "HEAD"}) {
            Answer answer = answer(wire, file, method, "If-None-Match", "\"other\", " + tag);
            assertEquals("304", answer.status());
            assertEquals("", answer.body());
            assertEquals(tag, answer.field("ETag"));
            assertEquals("no-cache", answer.field("Cache-Control"));
            assertFalse(answer.head().contains("Content-"), answer.head());
            assertEquals("304", answer(wire, file, method, "If-Modified-Since", DATE).status());
        }
    }

    @ParameterizedTest
    @EnumSource
    void clientThatWantsAnotherVersionIsToldSo(Wire wire) throws Exception {
        Answer answer = answer(wire, digits(100), "GET", "If-Match", "\"other\"", "Range", "bytes=1-2");
        assertEquals("412", answer.status());
        assertEquals("412 Precondition Failed\n", answer.body());
        Answer head = answer(wire, digits(100), "HEAD", "If-Match", "\"other\"");
        assertEquals("412", head.status());
        assertEquals("", head.body());
    }

    @ParameterizedTest
    @EnumSource
    void changedFileIsSentWholeToWhomHasAPartOfTheOldOne(Wire wire) throws Exception {
        Response file = digits(100);
        String tag = answer(wire, file, "GET").field("ETag");
        assertEquals("206", answer(wire, file, "GET", "Range", "bytes=50-", "If-Range", tag).status());
        Answer answer = answer(wire, digits(200), "GET", "Range", "bytes=50-", "If-Range", tag);
        assertEquals("200", answer.status());
        assertEquals(200, answer.body().length());
        assertNotEquals(tag, answer.field("ETag"));
    }

    @ParameterizedTest
    @EnumSource
    void otherMethodsAndStatusesAreSentWholeAndWithoutValidators(Wire wire) throws Exception {
        Response file = digits(100);
        for (Answer answer : new Answer[] {
                answer(wire, file, "POST", "Range", "bytes=1-2", "If-None-Match", "*"),
                answer(wire, file.withStatus(404), "GET", "Range", "bytes=1-2", "If-None-Match", "*")}) {
            assertEquals(100, answer.body().length());
            assertEquals("absent", answer.field("ETag"));
            assertEquals("absent", answer.field("Last-Modified"));
            assertEquals("absent", answer.field("Accept-Ranges"));
        }
    }

    @Test
    void validatorThatIsNoneLeavesEverythingOpen() {
        assertThrows(IllegalArgumentException.class,
                () -> answer(Wire.HTTP, digits(100).withHeader("ETag", "v1"), "GET"));
    }

    @Test
    void pipeIsNeitherOpenedNorWaitedFor() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        FileSystemException failure = assertThrows(FileSystemException.class,
                () -> answer(Wire.HTTP, Response.file("text/plain", pipe), "GET"));
        assertEquals(pipe + ": not a regular file", failure.getMessage());
    }

    /// What is sent under a tag is always the file that the tag stands for.
    @Test
    void tagIsThatOfTheContentEvenIfTheFileIsBeingReplaced() throws Exception {
        Map<String, String> tags = new HashMap<>(); // by content
        List<Path> versions = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            Path version = Files.writeString(folder.resolve("v" + i), "%06d".formatted(i));
            Files.setLastModifiedTime(version, FileTime.from(MODIFIED));
            versions.add(version);
            Answer answer = answer(Wire.HTTP, Response.file("text/plain", version), "GET");
            tags.put(answer.body(), answer.field("ETag"));
        }
        assertEquals(2000, new HashSet<>(tags.values()).size());
        Path current = versions.removeFirst();
        FutureTask<Void> replacing = new FutureTask<>(() -> {
            for (Path version : versions) {
                Files.move(version, current, StandardCopyOption.ATOMIC_MOVE);
            }
            return null;
        });
        Thread.ofPlatform().start(replacing);
        do {
            Answer answer = answer(Wire.HTTP, Response.file("text/plain", current), "GET");
            assertEquals(tags.get(answer.body()), answer.field("ETag"), answer.body());
        } while (!replacing.isDone());
        replacing.get();
    }
}
