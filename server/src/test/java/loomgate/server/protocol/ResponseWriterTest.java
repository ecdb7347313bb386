package loomgate.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import loomgate.api.Body;
import loomgate.api.Headers;
import loomgate.api.Response;
import loomgate.server.net.ArrayTransport;
import loomgate.server.net.PeerGone;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResponseWriterTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";

    private final ArrayTransport transport = ArrayTransport.of();
    private final ResponseWriter writer = new ResponseWriter(transport, (_, _) -> 0);

    private void write(Response response) throws Exception {
        writer.write(response, null, false, false, CommitGate.OPEN);
    }

    private void writeChunked(Response response) throws Exception {
        writer.write(response, null, false, true, CommitGate.OPEN);
    }

    private void writeToHead(Response response) throws Exception {
        writer.write(response, null, true, true, CommitGate.OPEN);
    }

    private void assertNothingHasLeft() {
        assertEquals(List.of(), transport.writes());
        assertSame(Codec.Sent.NOTHING, writer.sent());
        assertFalse(writer.sent().isCommitted());
    }

    private static Response plain(Body body) {
        return new Response(200, Headers.of("Content-Type", "text/plain"), body);
    }

    private static Response stream(long length, Body.Writer body) {
        return Response.stream("text/plain", length, body);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Nested
    class Heads {

        @Test
        void fieldsLeaveInTheirOrder() throws Exception {
            write(Response.of(404).withHeader("X-One", "1").withHeader("Set-Cookie", "a=\u00e4")
                    .withHeader("Set-Cookie", "b="));
            assertEquals("HTTP/1.1 404 Not Found\r\nX-One: 1\r\nSet-Cookie: a=\u00e4\r\nSet-Cookie: b=\r\n"
                    + "Content-Length: 0\r\n\r\n", transport.written());
            assertEquals(new Codec.Sent(404, 4, transport.written().length(), 0), writer.sent());
        }

        @Test
        void aStatusWithoutReasonKeepsTheSpace() throws Exception {
            write(Response.of(299));
            assertEquals("HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n", transport.written());
        }

        @Test
        void everyStatusHasALine() throws Exception {
            for (int status = 200; status < 600; status++) {
                writer.beginNext();
                write(Response.of(status));
                String sent = transport.writes().getLast();
                assertTrue(sent.startsWith("HTTP/1.1 " + status + " " + StatusLine.reasonPhrase(status) + "\r\n"),
                        sent);
            }
        }

        @Test
        void fieldsOfTheProtocolAreCounted() throws Exception {
            ResponseWriter own = new ResponseWriter(transport, (head, isDelimited) -> {
                head.put("X-Own: " + isDelimited + "\r\n");
                return 1;
            });
            own.write(Response.text("hi"), null, false, false, CommitGate.OPEN);
            assertEquals("HTTP/1.1 200 OK\r\nX-Own: true\r\nContent-Type: text/plain; charset=utf-8\r\n"
                    + "Content-Length: 2\r\n\r\nhi", transport.written());
            assertEquals(3, own.sent().headers());
        }

        @Test
        void noContentHasNoLength() throws Exception {
            write(Response.of(204));
            assertEquals("HTTP/1.1 204 No Content\r\n\r\n", transport.written());
        }

        @Test
        void notModifiedHasNoLength() throws Exception {
            write(Response.of(304).withHeader("ETag", "\"x\""));
            assertEquals("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n", transport.written());
        }

        @Test
        void resetContentHasLengthZero() throws Exception {
            write(Response.of(205));
            assertEquals("HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", transport.written());
        }

        @Test
        void aSecondAnswerIsRefusedUntilTheNextRequest() throws Exception {
            write(Response.of(200));
            assertThrows(IllegalStateException.class, () -> write(Response.of(500)));
            writer.beginNext();
            assertSame(Codec.Sent.NOTHING, writer.sent());
            write(Response.of(500));
            assertEquals(500, writer.sent().status());
        }

        @Test
        void aPeerThatHasGoneLeavesTheResponseCommitted() {
            ResponseWriter broken = new ResponseWriter(ArrayTransport.of().taking(0), (_, _) -> 0);
            assertThrows(PeerGone.class, () -> broken.write(Response.text("hi"), null, false, false, CommitGate.OPEN));
            assertTrue(broken.isCommitted());
            assertEquals(0, broken.sent().bodyBytes());
        }
    }

    @Nested
    class Bytes {

        @Test
        void smallOnesLeaveTogetherWithTheHead() throws Exception {
            write(plain(new Body.Bytes(bytes("hello"))));
            assertEquals(List.of(OK + "Content-Length: 5\r\n\r\nhello"), transport.writes());
            assertEquals(new Codec.Sent(200, 2, transport.written().length() - 5, 5), writer.sent());
        }

        @Test
        void sixteenKilobytesAreSmall() throws Exception {
            String body = "x".repeat(16 * 1024);
            write(plain(new Body.Bytes(bytes(body))));
            assertEquals(List.of(OK + "Content-Length: 16384\r\n\r\n" + body), transport.writes());
        }

        @Test
        void largeOnesLeaveForThemselves() throws Exception {
            String body = "x".repeat(16 * 1024 + 1);
            write(plain(new Body.Bytes(bytes(body))));
            assertEquals(List.of(OK + "Content-Length: 16385\r\n\r\n", body), transport.writes());
            assertEquals(16385, writer.sent().bodyBytes());
        }

        @Test
        void headGetsTheLengthAlone() throws Exception {
            writeToHead(plain(new Body.Bytes(bytes("hello"))));
            assertEquals(OK + "Content-Length: 5\r\n\r\n", transport.written());
            assertEquals(0, writer.sent().bodyBytes());
        }

        @Test
        void anEmptyAnswerToHeadTellsNoLength() throws Exception {
            writeToHead(Response.of(200));
            assertEquals("HTTP/1.1 200 OK\r\n\r\n", transport.written());
        }
    }

    @Nested
    class StoredFiles {

        @TempDir
        Path folder;

        private Response file(int size) throws IOException {
            return plain(new Body.File(Files.writeString(folder.resolve("f"), "x".repeat(size))));
        }

        @Test
        void aSmallFileLeavesTogetherWithTheHead() throws Exception {
            write(file(5));
            assertEquals(List.of(OK + "Content-Length: 5\r\n\r\nxxxxx"), transport.writes());
            assertEquals(new Codec.Sent(200, 2, transport.written().length() - 5, 5), writer.sent());
        }

        @Test
        void anEmptyFileHasItsLength() throws Exception {
            write(file(0));
            assertEquals(List.of(OK + "Content-Length: 0\r\n\r\n"), transport.writes());
        }

        @Test
        void aLargeFileIsTransferred() throws Exception {
            write(file(100_000));
            assertEquals(List.of(OK + "Content-Length: 100000\r\n\r\n", "x".repeat(100_000)), transport.writes());
            assertEquals(100_000, writer.sent().bodyBytes());
        }

        @Test
        void headGetsTheLengthAlone() throws Exception {
            writeToHead(file(5));
            assertEquals(OK + "Content-Length: 5\r\n\r\n", transport.written());
        }

        @Test
        void aMissingFileLeavesEverythingOpen() throws Exception {
            assertThrows(NoSuchFileException.class, () -> write(plain(new Body.File(folder.resolve("none")))));
            assertNothingHasLeft();
            write(Response.of(404));
            assertEquals("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", transport.written());
        }

        /// The file shrinks after its length was taken and before its bytes are.
        private ResponseWriter shrinkingFile() {
            return new ResponseWriter(transport, (_, _) -> {
                try {
                    Files.writeString(folder.resolve("f"), "xxx");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return 0;
            });
        }

        @Test
        void aSmallFileThatShrinksLeavesEverythingOpen() throws Exception {
            Response response = file(5);
            ResponseWriter shrinking = shrinkingFile();
            assertThrows(IOException.class, () -> shrinking.write(response, null, false, false, CommitGate.OPEN));
            assertFalse(shrinking.isCommitted());
            assertEquals(List.of(), transport.writes());
        }

        @Test
        void aLargeFileThatShrinksLeavesTheBodyOpen() throws Exception {
            Response response = file(100_000);
            ResponseWriter shrinking = shrinkingFile();
            assertThrows(IOException.class, () -> shrinking.write(response, null, false, false, CommitGate.OPEN));
            assertTrue(shrinking.isCommitted());
            assertEquals(List.of(OK + "Content-Length: 100000\r\n\r\n"), transport.writes());
            assertEquals(0, shrinking.sent().bodyBytes());
        }

        @Test
        void aDirectoryIsNoBody() {
            assertThrows(IOException.class, () -> write(plain(new Body.File(folder))));
            assertNothingHasLeft();
        }
    }

    @Nested
    class Streams {

        @Test
        void anAnnouncedLengthIsSent() throws Exception {
            writeChunked(stream(5, out -> out.write(bytes("hello"))));
            assertEquals(List.of(OK + "Content-Length: 5\r\n\r\nhello"), transport.writes());
            assertEquals(new Codec.Sent(200, 2, transport.written().length() - 5, 5), writer.sent());
        }

        @Test
        void aShortStreamIsSentWithItsLengthEvenIfNoneWasAnnounced() throws Exception {
            writeChunked(stream(-1, out -> {
                out.write('h');
                out.write(bytes("ello"));
            }));
            assertEquals(List.of(OK + "Content-Length: 5\r\n\r\nhello"), transport.writes());
        }

        @Test
        void anEmptyStreamHasLengthZero() throws Exception {
            writeChunked(stream(-1, OutputStream::flush));
            assertEquals(List.of(OK + "Content-Length: 0\r\n\r\n"), transport.writes());
        }

        @Test
        void flushedBytesLeaveAsAChunk() throws Exception {
            writeChunked(stream(-1, out -> {
                out.write(bytes("hello"));
                out.flush();
                out.write(bytes("world!"));
                out.flush();
                out.flush();
            }));
            assertEquals(
                    List.of(OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "6\r\nworld!\r\n", "0\r\n\r\n"),
                    transport.writes());
            assertEquals(11, writer.sent().bodyBytes());
            assertEquals(2, writer.sent().headers());
            assertEquals((OK + "Transfer-Encoding: chunked\r\n\r\n").length(), writer.sent().headBytes());
        }

        @Test
        void theLastBytesLeaveWithTheLastChunk() throws Exception {
            writeChunked(stream(-1, out -> {
                out.write(bytes("hello"));
                out.flush();
                out.write(bytes("world"));
            }));
            assertEquals("5\r\nworld\r\n0\r\n\r\n", transport.writes().getLast());
            assertEquals(10, writer.sent().bodyBytes());
        }

        @Test
        void eightKilobytesAreGathered() throws Exception {
            writeChunked(stream(-1, out -> {
                for (int i = 0; i < 8193; i++) {
                    out.write('x');
                }
            }));
            assertEquals(List.of(OK + "Transfer-Encoding: chunked\r\n\r\n2000\r\n" + "x".repeat(8192) + "\r\n",
                    "1\r\nx\r\n0\r\n\r\n"), transport.writes());
        }

        @Test
        void largeArraysAreNotCopied() throws Exception {
            String large = "x".repeat(20_000);
            writeChunked(stream(-1, out -> {
                out.write(bytes("hello"));
                out.write(bytes(large));
                out.write(bytes("world"));
            }));
            assertEquals(List.of(OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "4e20\r\n", large,
                    "\r\n5\r\nworld\r\n0\r\n\r\n"), transport.writes());
            assertEquals(20_010, writer.sent().bodyBytes());
        }

        @Test
        void withoutChunksTheConnectionEndsTheBody() throws Exception {
            write(stream(-1, out -> {
                out.write(bytes("hello"));
                out.flush();
                out.write(bytes("world"));
            }));
            assertEquals(List.of(OK + "\r\nhello", "world"), transport.writes());
            assertEquals(10, writer.sent().bodyBytes());
        }

        @Test
        void headNeverRunsTheWriter() throws Exception {
            writeToHead(stream(7, _ -> {
                throw new AssertionError("the writer was run");
            }));
            writer.beginNext();
            writeToHead(stream(-1, _ -> {
                throw new AssertionError("the writer was run");
            }));
            assertEquals(List.of(OK + "Content-Length: 7\r\n\r\n", OK + "\r\n"), transport.writes());
        }

        @Test
        void aWriterThatFailsEarlyLeavesEverythingOpen() throws Exception {
            Exception failure = new Exception("no data base");
            assertSame(failure, assertThrows(Exception.class, () -> writeChunked(stream(-1, out -> {
                out.write(bytes("hello"));
                throw failure;
            }))));
            assertNothingHasLeft();
            write(Response.of(500));
            assertEquals("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n", transport.written());
        }

        @Test
        void aWriterThatFailsLateLeavesTheBodyOpen() {
            assertThrows(IllegalStateException.class, () -> writeChunked(stream(-1, out -> {
                out.write(bytes("hello"));
                out.flush();
                out.write(bytes("lost"));
                throw new IllegalStateException("no data base");
            })));
            assertEquals(List.of(OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), transport.writes());
            assertEquals(5, writer.sent().bodyBytes());
        }

        @Test
        void fewerBytesThanAnnouncedAreAFailure() {
            IOException failure = assertThrows(IOException.class,
                    () -> write(stream(6, out -> out.write(bytes("hello")))));
            assertEquals("the body was announced with 6 bytes, its writer wrote 5", failure.getMessage());
            assertNothingHasLeft();
        }

        @Test
        void moreBytesThanAnnouncedAreAFailure() {
            assertThrows(IOException.class, () -> write(stream(4, out -> out.write(bytes("hello")))));
            assertNothingHasLeft();
        }

        @Test
        void moreBytesThanAnnouncedNeverLeave() {
            IOException failure = assertThrows(IOException.class, () -> write(stream(5, out -> {
                out.write(bytes("hello"));
                out.flush();
                out.write('!');
            })));
            assertEquals("the body was announced with 5 bytes, its writer wrote 6", failure.getMessage());
            assertEquals(List.of(OK + "Content-Length: 5\r\n\r\nhello"), transport.writes());
        }

        @Test
        void aWriterCannotSwallowThatItWroteTooMuch() {
            assertThrows(IOException.class, () -> write(stream(4, out -> {
                try {
                    out.write(bytes("hello"));
                } catch (IOException _) {
                    out.write(bytes("hell"));
                }
            })));
            assertNothingHasLeft();
        }

        @Test
        void aWriterCannotSwallowThatThePeerHasGone() {
            ResponseWriter broken = new ResponseWriter(ArrayTransport.of().taking(100), (_, _) -> 0);
            assertThrows(PeerGone.class, () -> broken.write(stream(-1, out -> {
                out.write(bytes("hello"));
                out.flush();
                try {
                    out.write(new byte[1000]);
                    out.flush();
                } catch (PeerGone _) {
                    out.flush();
                }
            }), null, false, true, CommitGate.OPEN));
            assertEquals(5, broken.sent().bodyBytes());
        }

        @Test
        void aPeerThatHasGoneIsNothingElseHoweverTheWriterWrapsIt() {
            ResponseWriter broken = new ResponseWriter(ArrayTransport.of().taking(0), (_, _) -> 0);
            assertThrows(PeerGone.class, () -> broken.write(stream(-1, out -> {
                try {
                    out.write(bytes("hello"));
                    out.flush();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }), null, false, true, CommitGate.OPEN));
        }

        @Test
        void closingTheStreamDoesNotEndTheResponse() throws Exception {
            write(stream(-1, out -> {
                out.write(bytes("hel"));
                out.close();
                out.write(bytes("lo"));
            }));
            assertEquals(OK + "Content-Length: 5\r\n\r\nhello", transport.written());
        }

        @Test
        void nothingCanBeWrittenAfterTheEnd() throws Exception {
            OutputStream[] kept = new OutputStream[1];
            write(stream(-1, out -> kept[0] = out));
            assertThrows(IOException.class, () -> kept[0].write('x'));
            kept[0].flush();
            assertEquals(OK + "Content-Length: 0\r\n\r\n", transport.written());
        }

        @Test
        void nothingCanBeWrittenIntoTheNextAnswerByAWriterThatHasFailed() throws Exception {
            OutputStream[] kept = new OutputStream[1];
            for (Throwable failure : List.of(new Exception("no data base"), new AssertionError("no data base"))) {
                assertThrows(failure.getClass(), () -> writeChunked(stream(-1, out -> {
                    kept[0] = out;
                    out.write(bytes("lost"));
                    if (failure instanceof Error error) {
                        throw error;
                    }
                    throw (Exception) failure;
                })));
                writer.beginNext();
                writeChunked(stream(-1, out -> {
                    out.write(bytes("hello"));
                    out.flush();
                    assertThrows(IOException.class, () -> kept[0].write(bytes("intruder")));
                    assertThrows(IOException.class, () -> kept[0].write('x'));
                    kept[0].flush();
                }));
                writer.beginNext();
            }
            String answer = OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
            assertEquals(answer + answer, transport.written());
        }
    }
}
