package loomgate.server.config.ini;

/// Where something was written, as the operator would name it.
///
/// @param source the file's name as the operator gave it, or `command line`
/// @param line   counted from 1; 0 where the source has no lines
/// @param column counted from 1
public record Location(String source, int line, int column) {

    /// A source as a whole.
    public static Location of(String source) {
        return new Location(source, 0, 0);
    }

    /// `file:line:column`, or the source alone.
    @Override
    public String toString() {
        return line == 0 ? source : source + ":" + line + ":" + column;
    }
}
