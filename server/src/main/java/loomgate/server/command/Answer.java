package loomgate.server.command;

/// What a master answers: any number of [Progress], then one of the others.
public sealed interface Answer {

    /// Something that the operator may like to know meanwhile.
    record Progress(String text) implements Answer {}

    /// It is finished.
    ///
    /// @param status the exit status for who asked; 0 if all went well
    record Done(int status, String text) implements Answer {}

    /// Who the master is.
    record Identified(Identity identity) implements Answer {}

    /// The user who asks is neither root nor the master's own.
    record Denied() implements Answer {}
}
