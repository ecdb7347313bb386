package loomgate.server.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import loomgate.server.config.option.InvalidValue;
import loomgate.server.config.option.ValueKind;
import loomgate.server.config.option.Values;

/// What only the gateway and the server know. `toString` does not tell it.
public final class Secret {

    private static final int SHORTEST = 16; // characters

    static final ValueKind<Secret> KIND = ValueKind.of("TEXT", (text, _) -> of(text), secret -> secret.text)
            .allowing("at least " + SHORTEST + " visible ASCII characters");

    private final String text;

    private Secret(String text) {
        this.text = text;
    }

    /// No reason that it gives has the text.
    private static Secret of(String text) throws InvalidValue {
        if (!Values.nonEmpty(text).matches("[!-~]*")) {
            throw new InvalidValue("has a space, or a character that is not ASCII");
        }
        if (text.length() < SHORTEST) {
            throw new InvalidValue("has " + text.length() + " characters, at least " + SHORTEST
                    + " are needed; make one with: openssl rand -hex 32");
        }
        return new Secret(text);
    }

    /// Whether that is it. How long this takes does not depend on how much of it is right.
    public boolean is(String guess) {
        return MessageDigest.isEqual(
                text.getBytes(StandardCharsets.US_ASCII), guess.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && secret.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return "(not shown)";
    }
}
