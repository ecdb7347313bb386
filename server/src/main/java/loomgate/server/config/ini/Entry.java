package loomgate.server.config.ini;

import java.nio.file.Path;

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
}
