package loomgate.server.config.option;

import java.util.Optional;
import java.util.function.Function;

/// A kind of value: how it is written, and what is allowed.
///
/// @param argument what stands for the value in a synopsis: `N`, `SECONDS`
/// @param unit     the unit in words, empty where there is none
/// @param range    what is allowed, in words, empty where everything is
/// @param bare     what the option means when it is named without a value; most kinds need one
/// @param reading  text to value
/// @param writing  value to the text that is read back as the same value, wherever that happens
public record ValueKind<T>(String argument, String unit, String range, Optional<String> bare, Reading<T> reading,
        Function<T, String> writing) {

    /// Makes a value of a text.
    public interface Reading<T> {
        T read(String text, Directories directories) throws InvalidValue;
    }

    /// A kind without unit and range that needs a value.
    public static <T> ValueKind<T> of(String argument, Reading<T> reading, Function<T, String> writing) {
        return new ValueKind<>(argument, "", "", Optional.empty(), reading, writing);
    }

    /// The same with a description of what is allowed.
    public ValueKind<T> allowing(String words) {
        return new ValueKind<>(argument, unit, words, bare, reading, writing);
    }

    /// The same with a meaning for the option's name alone.
    public ValueKind<T> meaningWhenBare(String text) {
        return new ValueKind<>(argument, unit, range, Optional.of(text), reading, writing);
    }
}
