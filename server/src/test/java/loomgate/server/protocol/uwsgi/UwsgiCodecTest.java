package loomgate.server.protocol.uwsgi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UwsgiCodecTest {

    private ArrayTransport transport;

    private UwsgiCodec codec(Packet packet, String body) {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        sent.writeBytes(packet.bytes());
        sent.writeBytes(body.getBytes(StandardCharsets.ISO_8859_1));
        return codec(new ArrayTransport(Then.FALLS_SILENT, sent.toByteArray()));
    }

    private UwsgiCodec codec(ArrayTransport connection) {
        transport = connection;
        return new UwsgiCodec(connection, new Limits(4096), new Peer("", 0, "", 0));
    }

    private static Packet request(String method) {
        return new Packet(0).with("REQUEST_METHOD", method).with("REQUEST_URI", "/").with("PATH_INFO", "/")
                .with("SERVER_PROTOCOL", "HTTP/1.1");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void usualRequestTakesOneReadAndOneWrite() throws Exception {
        UwsgiCodec codec = codec(request("GET"), "");
        codec.readHead();
        codec.write(Response.text("hello"));
        assertEquals(
                List.of("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello"),
                transport.writes());
        assertEquals(1, transport.reads());
        assertFalse(codec.isPersistent());
        assertFalse(codec.hasUnreadInput());
        assertEquals(new Codec.Sent(200, 2, transport.written().length() - 5, 5), codec.sent());
    }

    @Test
    void bodyThatCameWithThePacketTakesNoReadOfItsOwn() throws Exception {
        UwsgiCodec codec = codec(request("POST").with("CONTENT_LENGTH", "5"), "hello");
        assertEquals(5, codec.readHead().orElseThrow().contentLength());
        assertTrue(codec.hasUnreadInput());
        assertEquals("hello", new String(codec.body().readAllBytes(), StandardCharsets.US_ASCII));
        assertFalse(codec.hasUnreadInput());
        assertEquals(1, transport.reads());
    }

    @Test
    void bytesBehindThePacketAreNoticedHoweverLongItIs() throws Exception {
        int rest = 4096 - request("GET").size() - 5;
        for (int length : new int[] {1, rest - 1, rest, rest + 1, 5000}) { // about what the first buffer holds
            byte[] packet = request("GET").with("X", "x".repeat(length)).bytes();
            transport = new ArrayTransport(Then.FALLS_SILENT, Arrays.copyOf(packet, packet.length + 10));
            UwsgiCodec codec = new UwsgiCodec(transport, new Limits(65535), new Peer("", 0, "", 0));
            codec.readHead();
            assertTrue(codec.hasUnreadInput(), () -> "behind " + length);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3000, 4096, 5000, 8192, 16384, 100_000})
    void bytesBehindTheBodyAreNoticedHoweverLongItIs(int length) throws Exception {
        byte[] head = request("POST").with("CONTENT_LENGTH", "" + length).bytes();
        for (int surplus : new int[] {0, 1, 10}) {
            transport = new ArrayTransport(Then.FALLS_SILENT, Arrays.copyOf(head, head.length + length + surplus));
            UwsgiCodec codec = new UwsgiCodec(transport, new Limits(65535), new Peer("", 0, "", 0));
            codec.readHead();
            assertEquals(length, codec.body().readAllBytes().length);
            assertEquals(surplus > 0, codec.hasUnreadInput(), () -> surplus + " behind it");
        }
    }

    @Test
    void streamOfUnknownLengthIsNeverChunked() throws Exception {
        UwsgiCodec codec = codec(request("GET"), "");
        codec.readHead();
        codec.write(Response.stream("text/plain", out -> {
            out.write(bytes("hello"));
            out.flush();
            out.write(bytes("world"));
        }));
        assertEquals("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhelloworld", transport.written());
    }

    @Test
    void answerToHeadEndsWithItsHead() throws Exception {
        UwsgiCodec codec = codec(request("HEAD"), "");
        codec.readHead();
        codec.write(Response.text("hello"));
        assertEquals("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\n",
                transport.written());
    }

    @Test
    void expectationIsNotAnswered() throws Exception {
        UwsgiCodec codec = codec(
                request("POST").with("CONTENT_LENGTH", "5").with("HTTP_EXPECT", "100-continue"), "hello");
        codec.readHead();
        codec.body().readAllBytes();
        assertEquals(List.of(), transport.writes());
    }

    @Test
    void variablesOfTheLimitsSizeAreAccepted() throws Exception {
        Packet packet = request("GET");
        packet.with("X", "x".repeat(4096 - packet.size() - 5));
        RequestHead head = codec(packet, "").readHead().orElseThrow();
        assertEquals(4096, head.size());
        assertEquals(10, head.variableCount());
        assertEquals(1, transport.reads());
    }

    @Test
    void oneByteMoreIsRefusedAndTheLimitNamed() throws Exception {
        Packet packet = request("GET");
        packet.with("X", "x".repeat(4097 - packet.size() - 5));
        UwsgiCodec codec = codec(packet, "");
        BadRequest bad = assertThrows(BadRequest.class, codec::readHead);
        assertEquals(431, bad.status());
        assertEquals("the uwsgi packet has 4097 bytes of variables, more than the limit, buffer-size = 4096",
                bad.getMessage());
        codec.write(Response.of(431));
        assertEquals("HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n\r\n", transport.written());
        assertTrue(codec.hasUnreadInput());
    }

    @Test
    void largestPacketIsReadBeforeItIsRefused() {
        Packet packet = new Packet(0).with("REQUEST_URI", "/" + "a".repeat(65519));
        assertEquals(65535, packet.size());
        UwsgiCodec codec = codec(packet, "");
        assertEquals(414, assertThrows(BadRequest.class, codec::readHead).status());
    }

    @Test
    void largestPacketIsServedIfTheLimitAllows() throws Exception {
        Packet packet = request("GET");
        packet.with("HTTP_X", "x".repeat(65535 - packet.size() - 10));
        transport = new ArrayTransport(Then.ENDS, packet.bytes());
        UwsgiCodec codec = new UwsgiCodec(transport, new Limits(65535), new Peer("", 0, "", 0));
        assertEquals(65535, codec.readHead().orElseThrow().size());
    }

    @Test
    void pingIsAnsweredWithoutARequest() throws Exception {
        UwsgiCodec codec = codec(new Packet(100), "");
        assertEquals(Optional.empty(), codec.readHead());
        assertEquals(List.of("d\0\0\1"), transport.writes());
        assertSame(Codec.Sent.NOTHING, codec.sent());
        assertFalse(codec.hasUnreadInput());
        assertFalse(codec.isPersistent());
    }

    @Test
    void secondRequestIsNeverRead() throws Exception {
        UwsgiCodec codec = codec(request("GET"), new String(request("GET").bytes(), StandardCharsets.ISO_8859_1));
        assertTrue(codec.readHead().isPresent());
        codec.write(Response.of(204));
        assertEquals(Optional.empty(), codec.readHead());
    }

    @Test
    void remoteAddressIsThePeersWhereTheGatewayTellsNone() throws Exception {
        ArrayTransport connection = new ArrayTransport(Then.ENDS, request("GET").bytes());
        UwsgiCodec codec = new UwsgiCodec(connection, new Limits(4096), new Peer("192.0.2.7", 1, "", 0));
        assertEquals("192.0.2.7", codec.readHead().orElseThrow().remoteAddress());
        UwsgiCodec other = codec(request("GET").with("REMOTE_ADDR", "192.0.2.8").with("REMOTE_USER", "alice"), "");
        RequestHead head = other.readHead().orElseThrow();
        assertEquals("192.0.2.8", head.remoteAddress());
        assertEquals("alice", head.remoteUser());
    }

    @Test
    void peerThatHasGoneIsNotABadRequest() {
        assertThrows(PeerGone.class, codec(new ArrayTransport(Then.IS_GONE))::readHead);
        assertThrows(PeerGone.class, codec(new ArrayTransport(Then.IS_GONE, new byte[] {0, 1}))::readHead);
    }

    @Test
    void everyModifierButThreeIsRefusedByItsNumber() {
        for (int modifier = 1; modifier < 256; modifier++) {
            if (modifier == 30 || modifier == 100) {
                continue;
            }
            ArrayTransport connection = new ArrayTransport(Then.FALLS_SILENT, new byte[] {(byte) modifier, 0, 0, 0});
            BadRequest bad = assertThrows(BadRequest.class, codec(connection)::readHead);
            assertEquals(501, bad.status());
            assertTrue(bad.getMessage().contains("modifier1 " + modifier + " "), bad.getMessage());
        }
    }

    @Test
    void variablesCannotBeChanged() throws Exception {
        RequestHead head = codec(request("GET"), "").readHead().orElseThrow();
        assertThrows(UnsupportedOperationException.class, () -> head.variables().put("A", "b"));
    }
}
