package loomgate.server.master.table;

import java.time.Duration;
import loomgate.server.control.ExitCode;

/// Something for the master to do.
public sealed interface Action {

    /// Start a process for the worker of that number, with that generation of the application.
    record Spawn(int worker, int generation) implements Action {}

    /// Ask a worker to finish what it has, and what waits to be accepted.
    record AskToStop(int pid) implements Action {}

    /// Ask a worker to finish what it has.
    record AskToDrain(int pid) implements Action {}

    /// Let a worker print what its threads are doing.
    record Dump(int pid) implements Action {}

    /// End a worker at once.
    record Kill(int pid) implements Action {}

    /// Tell that the server is about to stop, and that it serves on for so long.
    record Leave(Duration delay) implements Action {}

    /// Refuse new connections, and give up the master's own hold on the listeners, so that they close when the last
    /// worker lets go.
    record CloseListeners() implements Action {}

    /// Forget a generation: there is no process of it, and there will be none.
    record DropGeneration(int generation) implements Action {}

    /// A generation that was on trial is the current one.
    record ReloadCommitted(int generation) implements Action {}

    /// Tell who asked for a reload how it goes on.
    record ReloadProgress(String text) implements Action {}

    /// Tell who asked for a reload what became of it.
    record ReloadEnded(boolean isGood, String text) implements Action {}

    /// End the master.
    record Exit(ExitCode code) implements Action {}

    /// Tell the operator.
    record Report(Severity severity, String text) implements Action {

        public enum Severity {
            INFO,
            WARNING,
            ERROR
        }
    }
}
