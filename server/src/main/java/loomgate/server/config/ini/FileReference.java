package loomgate.server.config.ini;

import java.util.Optional;

/// A file and perhaps one of its sections: `app.ini`, `app.ini:production`, or `:production` in the same file.
///
/// @param file    empty for the file in which the reference stands
/// @param section empty for the sections that are read by default
public record FileReference(String file, Optional<String> section) {

    private static final String SUFFIX = ".ini";

    /// The last colon counts, except that a name which ends in `.ini` as it stands is a file's.
    public static FileReference of(String text) {
        int colon = text.endsWith(SUFFIX) ? -1 : text.lastIndexOf(':');
        return colon < 0
                ? new FileReference(text, Optional.empty())
                : new FileReference(text.substring(0, colon), Optional.of(text.substring(colon + 1)));
    }

    /// Whether the file's name says that it is an INI.
    public boolean namesIni() {
        return file.endsWith(SUFFIX);
    }

    /// Whether it asks for one of uWSGI's other sources: standard input, `http://`, `exec://`…
    boolean isNoFile() {
        return file.equals("-") || file.contains("://") || section.isPresent() && section.get().startsWith("//");
    }

    @Override
    public String toString() {
        return file + section.map(name -> ":" + name).orElse("");
    }
}
