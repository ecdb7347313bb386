package loomgate.server.log;

/// What each line of the request log begins with, if anything. The log's own thread asks for it, once for the lines
/// that share a write, so that requests do not pay for it.
@FunctionalInterface
public interface LinePrefix {

    /// No prefix.
    LinePrefix NONE = () -> "";

    /// The most that a line has room for before it is longer than a pipe takes whole, in characters.
    int LONGEST = 192;

    /// The text, with the space that parts it from the line.
    String text();
}
