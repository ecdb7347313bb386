package loomgate.server.config.ini;

import java.nio.file.Path;
import java.util.Optional;

/// One `key = value`, as written; placeholders in the value are not yet replaced.
///
/// @param kind      whether the key is meant to be a setting, or was declared as a mere placeholder
/// @param origin    who said it
/// @param key       the key
/// @param at        where the key stands
/// @param value     what stands behind the `=`; empty where there is none
/// @param bare      whether there was no `=` at all
/// @param directory what relative file names in the value are relative to
public record Entry(Kind kind, Origin origin, String key, Location at, SourceText value, boolean bare, Path directory) {

    /// What an entry says of its key.
    public enum Kind { SETTING, PLACEHOLDER }

    /// Who says it: what the command line says replaces what files say.
    public enum Origin { FILE, COMMAND_LINE }

    /// The entry that a key and a value make: themselves, or what is inside the value where the key is `set` or
    /// `set-ph`. Empty, with the problem reported, if nothing is.
    public static Optional<Entry> of(
            Origin origin, SourceText key, SourceText value, boolean bare, Path directory, Problems problems) {
        boolean placeholder = Directive.PLACEHOLDER.has(key.toString());
        if (!placeholder && !Directive.SET.has(key.toString())) {
            return Optional.of(new Entry(Kind.SETTING, origin, key.toString(), key.start(), value, bare, directory));
        }
        int equals = value.indexOf('=', 0);
        String inner = equals < 0 ? "" : value.slice(0, equals).trimmed().toString();
        if (inner.isEmpty() || Directive.isOne(inner)) {
            problems.error(value.start(), key + ": write " + key + " = name=value");
            return Optional.empty();
        }
        return Optional.of(new Entry(placeholder ? Kind.PLACEHOLDER : Kind.SETTING, origin, inner, value.start(),
                value.slice(equals + 1, value.length()).trimmed(), false, directory));
    }
}
