package loomgate.server.protocol.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import loomgate.api.Response;
import loomgate.server.net.ArrayTransport;
import loomgate.server.net.ArrayTransport.Then;
import loomgate.server.net.PeerGone;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.Codec;
import loomgate.server.protocol.Limits;
import loomgate.server.protocol.Peer;
import loomgate.server.protocol.RequestHead;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class HttpCodecTest {

    private static final String ORIGIN = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: loomgate\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\n" + ORIGIN;
    private static final String TEXT = "Content-Type: text/plain; charset=utf-8\r\n";
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String GET_10 = "GET / HTTP/1.0\r\n\r\n";
    private static final String GET_10_KEEP_ALIVE = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";

    private ArrayTransport transport;

    private HttpCodec codec(String... portions) {
        return codec(ArrayTransport.of(Then.FALLS_SILENT, portions));
    }

    private HttpCodec codec(ArrayTransport connection) {
        transport = connection;
        OriginFields origin = new OriginFields(InstantSource.fixed(Instant.parse("1994-11-06T08:49:37Z")));
        return new HttpCodec(connection, new Limits(4096), new Peer("192.0.2.7", 40123, "192.0.2.1", 8080), origin);
    }

    private static String post(String fields) {
        return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Nested
    class Responses {

        @Test
        void usualRequestTakesOneReadAndOneWrite() throws Exception {
            HttpCodec codec = codec(GET);
            codec.readHead();
            codec.write(Response.text("hello"));
            assertEquals(List.of(OK + TEXT + "Content-Length: 5\r\n\r\nhello"), transport.writes());
            assertEquals(1, transport.reads());
            assertTrue(codec.isPersistent());
            assertFalse(codec.hasUnreadInput());
            assertEquals(new Codec.Sent(200, 4, transport.written().length() - 5, 5), codec.sent());
        }

        @Test
        void pipelinedRequestsTakeOneRead() throws Exception {
            HttpCodec codec = codec(GET + GET);
            for (int i = 0; i < 2; i++) {
                assertTrue(codec.readHead().isPresent());
                assertSame(Codec.Sent.NOTHING, codec.sent());
                codec.write(Response.of(204));
            }
            assertEquals(1, transport.reads());
            assertEquals(2, transport.writes().size());
        }

        @Test
        void dateOfTheApplicationStays() throws Exception {
            HttpCodec codec = codec(GET);
            codec.readHead();
            codec.write(Response.of(204).withHeader("date", "yesterday"));
            assertEquals("HTTP/1.1 204 No Content\r\nServer: loomgate\r\ndate: yesterday\r\n\r\n", transport.written());
        }

        @Test
        void serverOfTheApplicationStays() throws Exception {
            HttpCodec codec = codec(GET);
            codec.readHead();
            codec.write(Response.of(204).withHeader("Date", "yesterday").withHeader("server", "shop/1"));
            assertEquals("HTTP/1.1 204 No Content\r\nDate: yesterday\r\nserver: shop/1\r\n\r\n", transport.written());
        }

        @Test
        void streamOfUnknownLengthIsChunked() throws Exception {
            HttpCodec codec = codec(GET);
            codec.readHead();
            codec.write(Response.stream("text/plain", out -> {
                out.write(bytes("hello"));
                out.flush();
            }));
            assertEquals(OK + "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                    transport.written());
            assertTrue(codec.isPersistent());
        }

        @Test
        void streamOfUnknownLengthEndsAnHttp10Connection() throws Exception {
            HttpCodec codec = codec(GET_10_KEEP_ALIVE);
            codec.readHead();
            codec.write(Response.stream("text/plain", out -> {
                out.write(bytes("hello"));
                out.flush();
            }));
            assertEquals(OK + "Connection: close\r\nContent-Type: text/plain\r\n\r\nhello", transport.written());
            assertFalse(codec.isPersistent());
        }

        @Test
        void shortStreamKeepsAnHttp10ConnectionAlive() throws Exception {
            HttpCodec codec = codec(GET_10_KEEP_ALIVE);
            codec.readHead();
            codec.write(Response.stream("text/plain", out -> out.write(bytes("hello"))));
            assertEquals(OK + "Connection: keep-alive\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello",
                    transport.written());
            assertTrue(codec.isPersistent());
        }

        @Test
        void http10WithoutKeepAliveCloses() throws Exception {
            HttpCodec codec = codec(GET_10);
            codec.readHead();
            codec.write(Response.text("hello"));
            assertEquals(OK + "Connection: close\r\n" + TEXT + "Content-Length: 5\r\n\r\nhello", transport.written());
            assertFalse(codec.isPersistent());
        }

        @Test
        void answerToHeadEndsWithItsHead() throws Exception {
            HttpCodec codec = codec("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
            codec.readHead();
            codec.write(Response.text("hello"));
            assertEquals(OK + TEXT + "Content-Length: 5\r\n\r\n", transport.written());
            assertTrue(codec.isPersistent());
        }

        @Test
        void refusedHeadGetsNoBodyEither() throws Exception {
            HttpCodec codec = codec("HEAD / HTTP/1.1\r\n\r\n");
            assertThrows(BadRequest.class, codec::readHead);
            codec.write(Response.text("Host is missing").withStatus(400));
            assertEquals("HTTP/1.1 400 Bad Request\r\n" + ORIGIN + "Connection: close\r\n" + TEXT
                    + "Content-Length: 15\r\n\r\n", transport.written());
        }

        @Test
        void headThatDoesNotEndGetsNoBodyEither() throws Exception {
            HttpCodec codec = codec("HEAD /" + "a".repeat(4096));
            assertEquals(414, assertThrows(BadRequest.class, codec::readHead).status());
            codec.write(Response.text("too long").withStatus(414));
            assertTrue(transport.written().endsWith("Content-Length: 8\r\n\r\n"), transport.written());
        }

        @Test
        void failedStreamEndsTheConnection() throws Exception {
            HttpCodec codec = codec(GET);
            codec.readHead();
            assertThrows(IOException.class, () -> codec.write(Response.stream("text/plain", 6, out -> {
                out.write(bytes("hello"));
                out.flush();
            })));
            assertTrue(codec.sent().isCommitted());
            assertFalse(codec.isPersistent());
        }

        @Test
        void failureBeforeTheFirstByteLeavesRoomForAnotherAnswer() throws Exception {
            HttpCodec codec = codec(GET);
            codec.readHead();
            assertThrows(IllegalStateException.class, () -> codec.write(Response.stream("text/plain", _ -> {
                throw new IllegalStateException();
            })));
            assertFalse(codec.sent().isCommitted());
            codec.write(Response.of(500));
            assertEquals("HTTP/1.1 500 Internal Server Error\r\n" + ORIGIN + "Content-Length: 0\r\n\r\n",
                    transport.written());
            assertTrue(codec.isPersistent());
        }

        @Test
        void peerThatTakesNothingIsGone() throws Exception {
            HttpCodec codec = codec(ArrayTransport.of(GET).taking(10));
            codec.readHead();
            assertThrows(PeerGone.class, () -> codec.write(Response.text("hello")));
            assertFalse(codec.isPersistent());
        }
    }

    @Nested
    class Ends {

        @Test
        void finishedCodecSaysThatItCloses() throws Exception {
            HttpCodec codec = codec(GET);
            codec.readHead();
            codec.finish();
            codec.write(Response.of(204));
            assertEquals("HTTP/1.1 204 No Content\r\n" + ORIGIN + "Connection: close\r\n\r\n", transport.written());
            assertFalse(codec.isPersistent());
        }

        @Test
        void finishingAfterTheResponseIsEffective() throws Exception {
            HttpCodec codec = codec(GET);
            codec.readHead();
            codec.write(Response.of(204));
            assertTrue(codec.isPersistent());
            codec.finish();
            assertFalse(codec.isPersistent());
        }

        @Test
        void silenceBetweenRequestsIsAQuietEnd() throws Exception {
            HttpCodec codec = codec(GET);
            codec.readHead();
            codec.write(Response.of(204));
            assertEquals(Optional.empty(), codec.readHead());
            assertFalse(codec.isPersistent());
            assertFalse(codec.hasUnreadInput());
        }

        @Test
        void peerThatHasGoneIsNotABadRequest() {
            assertThrows(PeerGone.class, codec(ArrayTransport.of(Then.IS_GONE, "GET /"))::readHead);
            assertThrows(PeerGone.class, codec(ArrayTransport.of(Then.IS_GONE))::readHead);
        }

        @Test
        void requestsSentAheadOfTheEndAreUnreadInput() throws Exception {
            HttpCodec codec = codec("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + GET);
            codec.readHead();
            codec.write(Response.of(204));
            assertFalse(codec.isPersistent());
            assertTrue(codec.hasUnreadInput());
        }

        @Test
        void badRequestEndsTheConnectionThoughTheNextWasGood() throws Exception {
            HttpCodec codec = codec("GET /\r\n\r\n" + GET);
            assertEquals(400, assertThrows(BadRequest.class, codec::readHead).status());
            codec.write(Response.of(400));
            assertFalse(codec.isPersistent());
            assertTrue(codec.hasUnreadInput());
        }
    }

    @Nested
    class UnreadBodies {

        @Test
        void sixtyFourKilobytesAreSkipped() throws Exception {
            String body = "x".repeat(64 * 1024);
            HttpCodec codec = codec(post("Content-Length: 65536\r\n"), body, "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
            codec.readHead();
            codec.write(Response.of(204));
            assertTrue(codec.isPersistent());
            assertTrue(codec.hasUnreadInput());
            assertEquals("/next", codec.readHead().map(RequestHead::path).orElseThrow());
        }

        @Test
        void oneByteMoreEndsTheConnection() throws Exception {
            HttpCodec codec = codec(post("Content-Length: 65537\r\n"));
            codec.readHead();
            codec.write(Response.of(204));
            assertEquals("HTTP/1.1 204 No Content\r\n" + ORIGIN + "Connection: close\r\n\r\n", transport.written());
            assertFalse(codec.isPersistent());
            assertTrue(codec.hasUnreadInput());
        }

        @Test
        void whatWasReadCountsNot() throws Exception {
            HttpCodec codec = codec(post("Content-Length: 65537\r\n"), "x");
            codec.readHead();
            codec.body().read();
            codec.write(Response.of(204));
            assertTrue(codec.isPersistent());
        }

        @Test
        void restIsPassedOverBeforeTheNextRequestIsAwaited() throws Exception {
            HttpCodec codec = codec(post("Content-Length: 5\r\n"), "he", "llo", GET);
            codec.readHead();
            codec.write(Response.of(204));
            assertEquals(Codec.Next.AWAITED, codec.passOn());
            assertEquals(3, transport.reads());
            assertTrue(codec.readHead().isPresent());
        }

        @Test
        void nextRequestMayHaveBegunBehindTheRest() throws Exception {
            HttpCodec codec = codec(post("Content-Length: 5\r\n"), "helloG");
            codec.readHead();
            codec.write(Response.of(204));
            assertEquals(Codec.Next.BEGUN, codec.passOn());
        }

        @Test
        void nothingFollowsARestThatDoesNotCome() throws Exception {
            HttpCodec codec = codec(post("Content-Length: 5\r\n"), "hel");
            codec.readHead();
            codec.write(Response.of(204));
            assertEquals(Codec.Next.NONE, codec.passOn());
            assertTrue(codec.hasUnreadInput());
        }

        @Test
        void restThatNeverComesIsAQuietEnd() throws Exception {
            HttpCodec codec = codec(post("Content-Length: 5\r\n"), "hel");
            codec.readHead();
            codec.write(Response.of(204));
            assertTrue(codec.isPersistent());
            assertEquals(Optional.empty(), codec.readHead());
            assertFalse(codec.isPersistent());
        }

        @Test
        void chunkedBodyThatWasReadToItsEndLeavesTheConnection() throws Exception {
            HttpCodec codec = codec(post("Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n0\r\n\r\n" + GET);
            codec.readHead();
            assertEquals("hello", new String(codec.body().readAllBytes(), StandardCharsets.US_ASCII));
            codec.write(Response.of(204));
            assertTrue(codec.isPersistent());
            assertTrue(codec.readHead().isPresent());
        }

        @Test
        void chunkedBodyOfWhichTheEndIsUnknownEndsTheConnection() throws Exception {
            HttpCodec codec = codec(post("Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n");
            codec.readHead();
            codec.body().readNBytes(5);
            codec.write(Response.of(204));
            assertFalse(codec.isPersistent());
            assertTrue(codec.hasUnreadInput());
        }

        @Test
        void failedBodyEndsTheConnection() throws Exception {
            HttpCodec codec = codec(post("Content-Length: 5\r\n") + "hel");
            codec.readHead();
            assertEquals(408, assertThrows(BadRequest.class, () -> codec.body().readAllBytes()).status());
            codec.write(Response.of(408));
            assertEquals("HTTP/1.1 408 Request Timeout\r\n" + ORIGIN + "Connection: close\r\nContent-Length: 0\r\n\r\n",
                    transport.written());
            assertFalse(codec.isPersistent());
        }

        @Test
        void bodyMayBeReadWhileTheResponseIsWritten() throws Exception {
            HttpCodec codec = codec(post("Content-Length: 5\r\n") + "hello" + GET);
            codec.readHead();
            codec.write(Response.stream("text/plain", out -> codec.body().transferTo(out)));
            assertTrue(transport.written().endsWith("\r\n\r\nhello"), transport.written());
            assertTrue(codec.isPersistent());
            assertTrue(codec.readHead().isPresent());
        }
    }

    @Nested
    class Expectations {

        private static final String CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
        private static final String POST = post("Content-Length: 5\r\nExpect: 100-continue\r\n");

        @Test
        void firstReadAsksForTheBodyOnce() throws Exception {
            HttpCodec codec = codec(POST, "hello");
            codec.readHead();
            assertEquals(List.of(), transport.writes());
            assertEquals('h', codec.body().read());
            assertEquals("ello", new String(codec.body().readAllBytes(), StandardCharsets.US_ASCII));
            codec.write(Response.of(204));
            assertEquals(List.of(CONTINUE, "HTTP/1.1 204 No Content\r\n" + ORIGIN + "\r\n"), transport.writes());
            assertTrue(codec.isPersistent());
        }

        @Test
        void continueIsNotTheAnswer() throws Exception {
            HttpCodec codec = codec(POST, "hello");
            codec.readHead();
            codec.body().readNBytes(2);
            assertEquals(List.of(CONTINUE), transport.writes());
            assertFalse(codec.sent().isCommitted());
        }

        @Test
        void bodyThatNobodyWantsIsNotAskedFor() throws Exception {
            HttpCodec codec = codec(POST);
            codec.readHead();
            codec.write(Response.of(403));
            assertEquals("HTTP/1.1 403 Forbidden\r\n" + ORIGIN + "Connection: close\r\nContent-Length: 0\r\n\r\n",
                    transport.written());
            assertFalse(codec.isPersistent());
            assertTrue(codec.hasUnreadInput());
        }

        @Test
        void nothingIsAskedForOnceTheResponseHasBegun() throws Exception {
            HttpCodec codec = codec(POST, "hello");
            codec.readHead();
            codec.write(Response.stream("text/plain", out -> {
                out.write(bytes("begun "));
                out.flush();
                codec.body().transferTo(out);
            }));
            assertFalse(transport.written().contains("100 Continue"), transport.written());
            assertFalse(codec.isPersistent());
        }

        @Test
        void bodyReadByTheStreamIsAskedForBeforeTheHead() throws Exception {
            HttpCodec codec = codec(POST, "hello");
            codec.readHead();
            codec.write(Response.stream("text/plain", out -> codec.body().transferTo(out)));
            assertEquals(List.of(CONTINUE, OK + "Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"),
                    transport.writes());
            assertTrue(codec.isPersistent());
        }

        @Test
        void nextRequestExpectsNothing() throws Exception {
            HttpCodec codec = codec(POST, "hello", post("Content-Length: 2\r\n") + "hi");
            codec.readHead();
            codec.body().readAllBytes();
            codec.write(Response.of(204));
            codec.readHead();
            assertEquals("hi", new String(codec.body().readAllBytes(), StandardCharsets.US_ASCII));
            assertEquals(2, transport.writes().size());
        }
    }

    @Nested
    class Heads {

        @Test
        void headOfTheLimitsSizeIsAccepted() throws Exception {
            String start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
            String head = start + "x".repeat(4096 - start.length() - 4) + "\r\n\r\n";
            assertEquals(4096, codec(head).readHead().orElseThrow().size());
        }

        @Test
        void oneByteMoreIsRefusedAndTheLimitNamed() {
            String start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
            String head = start + "x".repeat(4097 - start.length() - 4) + "\r\n\r\n";
            BadRequest bad = assertThrows(BadRequest.class, codec(head)::readHead);
            assertEquals(431, bad.status());
            assertTrue(bad.getMessage().contains("buffer-size = 4096"), bad.getMessage());
        }

        @Test
        void longUriIsRefusedAsSuch() {
            BadRequest bad = assertThrows(BadRequest.class, codec("GET /" + "a".repeat(4096))::readHead);
            assertEquals(414, bad.status());
            assertTrue(bad.getMessage().contains("buffer-size = 4096"), bad.getMessage());
        }

        @Test
        void aRequestLineOfEightThousandBytesFitsIfTheBufferDoes() throws Exception {
            String path = "/" + "a".repeat(7985);
            HttpCodec codec = new HttpCodec(ArrayTransport.of("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n"),
                    new Limits(8192), new Peer("", 0, "localhost", 0));
            assertEquals(path, codec.readHead().orElseThrow().path());
        }

        @Test
        void bodyOfAnySizeFollowsALargeHead() throws Exception {
            String body = "0123456789".repeat(10_000);
            HttpCodec codec = codec(post("Content-Length: 100000\r\nX: " + "x".repeat(4000) + "\r\n") + body);
            codec.readHead();
            assertEquals(body, new String(codec.body().readAllBytes(), StandardCharsets.US_ASCII));
        }

        @Test
        void headsOfOneConnectionAreIndependent() throws Exception {
            HttpCodec codec = codec("GET /one?x HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n"
                    + "PUT /second HTTP/1.1\r\nHost: b\r\n\r\n");
            RequestHead first = codec.readHead().orElseThrow();
            codec.write(Response.of(204));
            RequestHead second = codec.readHead().orElseThrow();
            assertEquals("GET /one?x /one x 1 1",
                    first.method() + " " + first.uri() + " " + first.path() + " " + first.query() + " "
                            + first.headers().first("x").orElse("") + " " + first.variables().get("HTTP_X"));
            assertEquals("PUT /second b", second.method() + " " + second.uri() + " " + second.headers().first("host")
                    .orElse(""));
        }

        @Test
        void peerIsTheRemoteAddress() throws Exception {
            RequestHead head = codec(GET).readHead().orElseThrow();
            assertEquals("192.0.2.7", head.remoteAddress());
            assertEquals("", head.remoteUser());
            assertEquals(2, head.variableCount());
            assertEquals(GET.length(), head.size());
        }

        @Test
        void unixSocketHasNoPort() throws Exception {
            HttpCodec codec = new HttpCodec(ArrayTransport.of(GET), new Limits(4096), new Peer("", 0, "localhost", 0));
            RequestHead head = codec.readHead().orElseThrow();
            assertEquals("80", head.variables().get("SERVER_PORT"));
            assertEquals("localhost", head.variables().get("SERVER_NAME"));
            assertFalse(head.variables().containsKey("REMOTE_PORT"));
        }

        @Test
        void variablesCannotBeChanged() throws Exception {
            RequestHead head = codec(GET).readHead().orElseThrow();
            assertThrows(UnsupportedOperationException.class, () -> head.variables().put("A", "b"));
        }

        @Test
        void bodyIsAlwaysTheSameStream() throws Exception {
            HttpCodec codec = codec(post("Content-Length: 5\r\nExpect: 100-continue\r\n"));
            codec.readHead();
            assertSame(codec.body(), codec.body());
        }
    }
}
