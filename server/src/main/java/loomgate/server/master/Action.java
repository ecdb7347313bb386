package loomgate.server.master;

import loomgate.server.control.ExitCode;

/// Something for the master to do.
sealed interface Action {

    /// Start a process for the worker of that number.
    record Spawn(int worker) implements Action {}

    /// Ask a worker to finish what it has, and what waits to be accepted.
    record AskToStop(int pid) implements Action {}

    /// Ask a worker to finish what it has.
    record AskToDrain(int pid) implements Action {}

    /// Let a worker print what its threads are doing.
    record Dump(int pid) implements Action {}

    /// End a worker at once.
    record Kill(int pid) implements Action {}

    /// Refuse new connections, and give up the master's own hold on the listeners, so that they close when the last
    /// worker lets go.
    record CloseListeners() implements Action {}

    /// End the master.
    record Exit(ExitCode code) implements Action {}

    /// Tell the operator.
    record Report(Severity severity, String text) implements Action {

        enum Severity {
            INFO,
            WARNING,
            ERROR
        }
    }
}
