package loomgate.server.log;

/// A line of the log.
public sealed interface LogLine permits RequestLine, TextLine, Mark {

    /// Lines are written whole to a pipe only up to this size (PIPE_BUF of Linux).
    int LONGEST = 4096;

    /// Puts the line, newline included, behind what is there.
    ///
    /// @param pid of this process
    void appendTo(StringBuilder line, long pid);
}
