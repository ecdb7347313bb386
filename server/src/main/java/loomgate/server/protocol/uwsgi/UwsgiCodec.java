package loomgate.server.protocol.uwsgi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import loomgate.api.Response;
import loomgate.server.net.ByteInput;
import loomgate.server.net.ReadTimeout;
import loomgate.server.net.Transport;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.Codec;
import loomgate.server.protocol.CommitGate;
import loomgate.server.protocol.FixedLengthBody;
import loomgate.server.protocol.Limits;
import loomgate.server.protocol.OtherProtocols;
import loomgate.server.protocol.Peer;
import loomgate.server.protocol.RequestHead;
import loomgate.server.protocol.ResponseWriter;

/// The uwsgi protocol: one packet `modifier1:u8 datasize:u16le modifier2:u8` with the request's variables, the body,
/// and an HTTP response that the end of the connection ends. One request a connection; nothing is ever chunked and no
/// 1xx is sent, because nginx understands neither here. `Date` and `Server` are the gateway's, which is the origin
/// server that the client sees: nginx adds its own unless the application has set them.
public final class UwsgiCodec implements Codec {

    private static final int HEADER = 4; // bytes
    private static final int MOST_DATA = 0xffff; // bytes that datasize can tell of
    private static final int SURPLUS = 1; // byte that there is room for behind a packet, and that is never looked at

    /// Of the first buffer: what uWSGI has by default, and enough for nearly every packet.
    private static final int USUAL_PACKET = HEADER + 4096;

    private static final int REQUEST = 0; // modifier1
    private static final int REQUEST_WITH_SCRIPT_NAME = 30; // PATH_INFO begins with SCRIPT_NAME
    private static final int PING = 100;

    private static final byte[] PONG = {100, 0, 0, 1};

    private final Transport transport;
    private final Limits limits;
    private final Peer peer;
    private final ByteInput input;
    private final ResponseWriter responses;

    private boolean hasBegun; // the one packet
    private boolean isWithinPacket; // and may stay so, if it cannot be understood
    private UwsgiHead head; // null while none was understood
    private FixedLengthBody body; // null as the head

    public UwsgiCodec(Transport transport, Limits limits, Peer peer) {
        this.transport = transport;
        this.limits = limits;
        this.peer = peer;
        this.input = new ByteInput(transport, Math.min(USUAL_PACKET, HEADER + limits.bufferSize()) + SURPLUS,
                HEADER + MOST_DATA + SURPLUS);
        this.responses = new ResponseWriter(transport, (_, _) -> 0);
    }

    @Override
    public Optional<RequestHead> readHead() throws IOException {
        if (hasBegun || !awaitPacket()) {
            return Optional.empty(); // one request a connection: what follows the first is not looked at
        }
        hasBegun = true;
        isWithinPacket = true;
        try {
            return readPacket();
        } catch (ReadTimeout timeout) {
            throw new BadRequest(408, "the uwsgi packet did not come in time: " + timeout.getMessage());
        }
    }

    @Override
    public Next passOn() {
        return Next.NONE;
    }

    private boolean awaitPacket() throws IOException {
        try {
            return input.fill();
        } catch (ReadTimeout _) {
            return false;
        }
    }

    private Optional<RequestHead> readPacket() throws IOException {
        require(HEADER);
        int modifier1 = input.peek(0) & 0xff;
        int dataSize = (input.peek(1) & 0xff) | (input.peek(2) & 0xff) << 8;
        switch (modifier1) {
            case REQUEST, REQUEST_WITH_SCRIPT_NAME -> {
                readRequest(dataSize, modifier1 == REQUEST_WITH_SCRIPT_NAME);
                return Optional.of(head);
            }
            case PING -> {
                input.consume(HEADER);
                isWithinPacket = false;
                transport.write(ByteBuffer.wrap(PONG));
                return Optional.empty();
            }
            default -> {
                OtherProtocols.refuseOnUwsgi(header());
                // not implemented rather than malformed: the operator has set uwsgi_modifier1
                throw new BadRequest(501, "uwsgi modifier1 " + modifier1 + " is not supported, only 0 and 30");
            }
        }
    }

    private byte[] header() {
        return new byte[] {input.peek(0), input.peek(1), input.peek(2), input.peek(3)};
    }

    private void readRequest(int dataSize, boolean stripsPath) throws IOException {
        if (dataSize == 0) {
            throw new BadRequest(400, "the uwsgi packet has no variables");
        }
        input.expect(HEADER + dataSize + SURPLUS);
        require(HEADER + dataSize);
        input.consume(HEADER);
        byte[] block = input.take(dataSize);
        if (dataSize > limits.bufferSize()) {
            throw tooLarge(block); // after reading it, so that the gateway reads the answer
        }
        Variables variables = new Variables(block);
        if (stripsPath) {
            variables.stripScriptName();
        }
        UwsgiHead read = new UwsgiHead(variables, peer);
        body = new FixedLengthBody(input, read.contentLength());
        head = read;
        isWithinPacket = false;
    }

    /// Sees to it that so many bytes are available.
    private void require(int count) throws IOException {
        while (input.available() < count) {
            if (!input.fill()) {
                throw new BadRequest(400, "the connection ended after " + input.available() + " of the uwsgi packet's "
                        + (count == HEADER ? "header" : count + " bytes"));
            }
        }
    }

    private BadRequest tooLarge(byte[] block) {
        VariableCursor cursor = new VariableCursor(block);
        while (cursor.next()) {
            int length = cursor.valueTo() - cursor.valueFrom();
            if (length > limits.bufferSize() && VariableNames.index(block, cursor.keyFrom(), cursor.keyTo())
                    == VariableNames.REQUEST_URI) {
                return new BadRequest(414, "REQUEST_URI has " + length + " bytes, more than the limit, buffer-size = "
                        + limits.bufferSize());
            }
        }
        return new BadRequest(431, "the uwsgi packet has " + block.length
                + " bytes of variables, more than the limit, buffer-size = " + limits.bufferSize());
    }

    @Override
    public InputStream body() {
        return body;
    }

    @Override
    public void write(Response response, CommitGate gate) throws Exception {
        responses.write(response, head, isHead(), false, gate);
    }

    @Override
    public Sent answerInstead(Response response, Transport transport) throws Exception {
        ResponseWriter instead = new ResponseWriter(transport, (_, _) -> 0);
        instead.write(response, head, isHead(), false, CommitGate.OPEN);
        return instead.sent();
    }

    private boolean isHead() {
        return head != null && head.method().equals("HEAD");
    }

    @Override
    public Sent sent() {
        return responses.sent();
    }

    @Override
    public boolean isPersistent() {
        return false;
    }

    @Override
    public void finish() {} // every response is the last

    /// This includes what came behind the packet and its body and belongs to neither.
    @Override
    public boolean hasUnreadInput() throws IOException {
        return !input.isEnded() && (isWithinPacket || body != null && body.unread() != 0 || input.hasMore());
    }
}
