package loomgate.server.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Strings for the names that nearly every request has, found by their bytes: a request makes no strings for them.
public final class NameTable {

    private final String[] names;
    private final byte[][] bytes;
    private final short[] slots; // open addressing: index into names + 1, 0 where free
    private final int mask;

    public NameTable(String... names) {
        this.names = names.clone();
        this.bytes = new byte[names.length][];
        this.slots = new short[Integer.highestOneBit(names.length) * 4];
        this.mask = slots.length - 1;
        for (int i = 0; i < names.length; i++) {
            bytes[i] = names[i].getBytes(StandardCharsets.US_ASCII);
            int slot = hash(bytes[i], 0, bytes[i].length);
            while (slots[slot] != 0) {
                slot = slot + 1 & mask;
            }
            slots[slot] = (short) (i + 1);
        }
    }

    /// The position of a name in the order of the constructor, -1 if it is none of them.
    public int index(byte[] source, int from, int to) {
        if (from == to) {
            return -1;
        }
        for (int slot = hash(source, from, to); slots[slot] != 0; slot = slot + 1 & mask) {
            int index = slots[slot] - 1;
            byte[] name = bytes[index];
            if (name.length == to - from && Arrays.equals(name, 0, name.length, source, from, to)) {
                return index;
            }
        }
        return -1;
    }

    /// The name at a position.
    public String name(int index) {
        return names[index];
    }

    /// The bytes as text of ISO-8859-1; always the same string for a name of the table.
    public String text(byte[] source, int from, int to) {
        int index = index(source, from, to);
        return index >= 0 ? names[index] : new String(source, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private int hash(byte[] source, int from, int to) {
        int length = to - from;
        return (length * 31 + source[from] * 7 + source[to - 1] * 113 + source[from + length / 2] * 17) & mask;
    }
}
