package loomgate.server.command;

import loomgate.server.os.Descriptor;

/// What a master does when it is asked to. Called by threads of the clients; none of these waits for what it starts.
public interface Steering {

    Identity identity();

    /// Done when the workers are replaced, or it is known why they are not.
    void reload(Reply reply);

    /// Done as with [#reload], by the program that has taken over.
    ///
    /// @param client another number for the connection to who waits, which is the callee's
    void upgrade(Reply reply, Descriptor client);

    /// Done when all workers have ended, right before the master does.
    ///
    /// @param now whether requests in flight are cut short
    void stop(boolean now, Reply reply);

    void reopenLogs(Reply reply);

    /// Done at once, with a text for the operator.
    void status(Reply reply);
}
