package loomgate.server.worker.harakiri;

/// How far it has come with a request, as far as its time is concerned. Times are nanoseconds, by its
/// [RequestClock].
public sealed interface Stage {

    /// Nothing has been said about it.
    record Running() implements Stage {}

    /// It was reported as slow.
    record Slow() implements Stage {}

    /// It was told to end when it had spent that much.
    record Overdue(long since) implements Stage {}

    /// It did not end: given up.
    record Stuck() implements Stage {}

    /// The first of them.
    Stage RUNNING = new Running();
}
