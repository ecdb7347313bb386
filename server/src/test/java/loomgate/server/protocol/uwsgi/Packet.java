package loomgate.server.protocol.uwsgi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// A uwsgi packet as a gateway packs it.
public final class Packet {

    private final int modifier1;
    private final ByteArrayOutputStream block = new ByteArrayOutputStream();

    public Packet(int modifier1) {
        this.modifier1 = modifier1;
    }

    public Packet with(byte[] name, byte[] value) {
        putLength(block, name.length);
        block.writeBytes(name);
        putLength(block, value.length);
        block.writeBytes(value);
        return this;
    }

    public Packet with(String name, String value) {
        return with(name.getBytes(StandardCharsets.ISO_8859_1), value.getBytes(StandardCharsets.ISO_8859_1));
    }

    /// Bytes of the variables so far.
    int size() {
        return block.size();
    }

    public byte[] bytes() {
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(modifier1);
        putLength(packet, block.size());
        packet.write(0);
        packet.writeBytes(block.toByteArray());
        return packet.toByteArray();
    }

    private static void putLength(ByteArrayOutputStream to, int length) {
        to.write(length & 0xff);
        to.write(length >> 8);
    }
}
