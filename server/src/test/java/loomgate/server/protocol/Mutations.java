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
                mutated.write(random.nextBoolean() ? DELIMITERS.charAt(random.nextInt(DELIMITERS.length()))
                        : random.nextInt(256));
            }
            from = kind == 2 ? at : at + 1;
        }
        mutated.write(bytes, from, bytes.length - from);
        return mutated.toByteArray();
    }

    /// As [#ofBytes]; or a part repeated; or the end left out; or the end of another message instead.
    public static byte[] of(byte[] bytes, byte[] other, Random random) {
        int at = random.nextInt(bytes.length + 1);
        ByteArrayOutputStream mutated = new ByteArrayOutputStream();
        switch (random.nextInt(8)) {
            case 0 -> {
                int from = random.nextInt(at + 1);
                mutated.write(bytes, 0, at);
                mutated.write(bytes, from, bytes.length - from);
            }
            case 1 -> mutated.write(bytes, 0, at);
            case 2 -> {
                int from = random.nextInt(other.length + 1);
                mutated.write(bytes, 0, at);
                mutated.write(other, from, other.length - from);
            }
            default -> mutated.writeBytes(ofBytes(bytes, random));
        }
        return mutated.toByteArray();
    }
}
