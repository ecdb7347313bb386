package loomgate.server.control;

import java.util.List;

/// Something that one side tells the other.
public sealed interface Message {

    /// From the master, first of all: who the worker is and how it is set up. A worker never reads the INI itself, so
    /// that all workers of a generation run the same one.
    ///
    /// @param worker     the worker's number, from 1
    /// @param generation of the application, from 1
    /// @param supervised whether a master stays at the other end of the channel
    /// @param lasting    which of the listeners, counted from 0, outlive the server, because systemd has them too: what
    ///                   waits there is left to the next server
    /// @param entries    the effective configuration, `key=value` each; the listeners in it are the descriptors from 3
    ///                   on, in that order
    record Configure(int worker, int generation, boolean supervised, List<Integer> lasting, List<String> entries)
            implements Message {
        public Configure {
            lasting = List.copyOf(lasting);
            entries = List.copyOf(entries);
        }
    }

    /// From the worker: the application is constructed and connections are taken.
    record Ready(Vitals vitals) implements Message {}

    /// From the worker: it is alive, and promises to say so again before that time.
    ///
    /// @param fineUntil a reading of [System#nanoTime()], which is the same clock in all processes of a machine
    ///                  (CLOCK_MONOTONIC)
    record Alive(long fineUntil, Vitals vitals) implements Message {}

    /// From the worker: it should not go on for ever. It serves until the master, when another has taken its place,
    /// tells it to drain. The first cause counts.
    ///
    /// @param detail what the operator should know beside the cause: `GET /export at app.Export.run(Export.java:31)`
    record ReplaceRequested(EndCause cause, String detail) implements Message {}

    /// From the master: the log's file was moved away; open it anew.
    record ReopenLog() implements Message {}

    /// From the master: take no more connections, finish what is in flight within `reload-mercy`, then exit.
    ///
    /// @param stopping whether nobody will take over: then the connections that wait to be accepted are to be served
    ///                 too
    record Drain(boolean stopping) implements Message {}
}
