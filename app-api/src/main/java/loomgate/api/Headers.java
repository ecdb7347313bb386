package loomgate.api;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;

/// Header fields: names and values in order, names compared without case (RFC 9110 section 5.1), repeats kept.
///
/// Immutable. A name is a token (RFC 9110 section 5.6.2); a value is ISO-8859-1 text without CR, LF, NUL or other
/// control characters except TAB (RFC 9110 section 5.5). Anything else is refused with an [IllegalArgumentException],
/// so that no value can smuggle a line of its own into a message.
public final class Headers {

    private static final Headers EMPTY = new Headers(new String[0]);

    private final String[] fields; // name, value, name, value, …

    private Headers(String[] fields) {
        this.fields = fields;
    }

    /// No fields.
    public static Headers empty() {
        return EMPTY;
    }

    /// Fields from names and values in turn: `Headers.of("Accept", "text/html", "Host", "example.org")`.
    ///
    /// @throws IllegalArgumentException for an odd number of strings, or a name or value that is not allowed
    public static Headers of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("a name without a value: " + Arrays.toString(namesAndValues));
        }
        String[] fields = namesAndValues.clone();
        for (int i = 0; i < fields.length; i += 2) {
            requireName(fields[i]);
            requireValue(fields[i], fields[i + 1]);
        }
        return new Headers(fields);
    }

    /// These fields and one more behind them.
    ///
    /// @throws IllegalArgumentException for a name or value that is not allowed
    public Headers with(String name, String value) {
        requireName(name);
        requireValue(name, value);
        String[] more = Arrays.copyOf(fields, fields.length + 2);
        more[fields.length] = name;
        more[fields.length + 1] = value;
        return new Headers(more);
    }

    /// These fields without those of the given name.
    public Headers without(String name) {
        List<String> kept = new ArrayList<>(fields.length);
        forEach((n, v) -> {
            if (!n.equalsIgnoreCase(name)) {
                kept.add(n);
                kept.add(v);
            }
        });
        return new Headers(kept.toArray(String[]::new));
    }

    /// The value of the first field of that name.
    public Optional<String> first(String name) {
        for (int i = 0; i < fields.length; i += 2) {
            if (fields[i].equalsIgnoreCase(name)) {
                return Optional.of(fields[i + 1]);
            }
        }
        return Optional.empty();
    }

    /// The values of all fields of that name, in order; empty if there is none. Unmodifiable.
    public List<String> all(String name) {
        List<String> values = new ArrayList<>();
        forEach((n, v) -> {
            if (n.equalsIgnoreCase(name)) {
                values.add(v);
            }
        });
        return List.copyOf(values);
    }

    /// Whether there is a field of that name.
    public boolean contains(String name) {
        return first(name).isPresent();
    }

    /// The number of fields, repeats counted.
    public int size() {
        return fields.length / 2;
    }

    /// Calls the action with the name and value of each field, in order.
    public void forEach(BiConsumer<? super String, ? super String> action) {
        for (int i = 0; i < fields.length; i += 2) {
            action.accept(fields[i], fields[i + 1]);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Headers that && Arrays.equals(fields, that.fields);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(fields);
    }

    /// One `name: value` a line.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        forEach((n, v) -> text.append(n).append(": ").append(v).append('\n'));
        return text.toString();
    }

    private static void requireName(String name) {
        Objects.requireNonNull(name, "header name");
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a header name is empty");
        }
        for (int i = 0; i < name.length(); i++) {
            if (!isTokenCharacter(name.charAt(i))) {
                throw new IllegalArgumentException(
                        "a header name has a character that is not allowed: " + escaped(name));
            }
        }
    }

    private static void requireValue(String name, String value) {
        Objects.requireNonNull(value, name);
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' && c != '\t' || c == 0x7f || c > 0xff) {
                throw new IllegalArgumentException(
                        "the value of header " + name + " has a character that is not allowed: " + escaped(value));
            }
        }
    }

    /// `tchar` of RFC 9110 section 5.6.2.
    private static boolean isTokenCharacter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
                || c != 0 && "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (char c : text.toCharArray()) {
            escaped.append(c >= ' ' && c < 0x7f ? String.valueOf(c) : String.format("\\u%04x", (int) c));
        }
        return escaped.toString();
    }
}
