package loomgate.server.protocol;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/// Bytes a little different from others, chosen by a seeded generator.
public final class Mutations {

    private static final String DELIMITERS = "\r\n\t :;,./%?#@[]*=+-\0\177059aF";

    private Mutations() {}

    /// One to three bytes changed, inserted or left out.
    public static byte[] ofBytes(byte[] bytes, Random random) {
        ByteArrayOutputStream mutated = new ByteArrayOutputStream();
        int from = 0;
        for (int left = 1 + random.nextInt(3); left > 0 && from < bytes.length; left--) {
            int at = random.nextInt(from, bytes.length);
            int kind = random.nextInt(3);
            mutated.write(bytes, from, at - from);
            if (kind > 0) {
                mutated.write(anyByte(random));
            }
            from = kind == 2 ? at : at + 1;
        }
        mutated.write(bytes, from, bytes.length - from);
        return mutated.toByteArray();
    }

    /// One byte changed; or as [#ofBytes]; or a part repeated; or the end left out; or the end of another message
    /// instead.
    public static byte[] of(byte[] bytes, byte[] other, Random random) {
        int at = random.nextInt(bytes.length + 1);
        return switch (random.nextInt(8)) {
            case 0 -> spliced(bytes, at, bytes, random.nextInt(at + 1));
            case 1 -> spliced(bytes, at, bytes, bytes.length);
            case 2 -> spliced(bytes, at, other, random.nextInt(other.length + 1));
            case 3, 4 -> ofBytes(bytes, random);
            default -> {
                byte[] mutated = bytes.clone();
                if (at < mutated.length) {
                    mutated[at] = anyByte(random);
                }
                yield mutated;
            }
        };
    }

    private static byte anyByte(Random random) {
        return (byte) (random.nextBoolean() ? DELIMITERS.charAt(random.nextInt(DELIMITERS.length()))
                : random.nextInt(256));
    }

    /// The beginning of one up to an offset, and another from an offset on.
    private static byte[] spliced(byte[] bytes, int to, byte[] other, int from) {
        ByteArrayOutputStream spliced = new ByteArrayOutputStream();
        spliced.write(bytes, 0, to);
        spliced.write(other, from, other.length - from);
        return spliced.toByteArray();
    }
}
