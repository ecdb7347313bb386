package loomgate.server.command;

/// What a master can be asked.
public sealed interface Command {

    /// Who it is.
    record Identify() implements Command {}

    /// To replace its workers by such of the present configuration and application.
    record Reload() implements Command {}

    /// To end.
    ///
    /// @param now whether requests in flight are to be cut short
    record Stop(boolean now) implements Command {}

    /// To give its place to the program that is installed by now, without closing anything, and to have the workers
    /// follow.
    record Upgrade() implements Command {}

    /// To open its log files anew.
    record ReopenLogs() implements Command {}

    /// How its workers are.
    record Status() implements Command {}
}
