package loomgate.server.command;

/// Takes what is to be said to a client. May be kept, and used by any thread: it never waits, and a client that has
/// gone away is no error.
public interface Reply {

    void progress(String text);

    /// The last that is said; what follows it is disregarded.
    ///
    /// @param status the exit status of the client's process, 0 if all went well
    void done(int status, String text);
}
