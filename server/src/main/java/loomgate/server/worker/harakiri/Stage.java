package loomgate.server.worker.harakiri;

/// How far it has come with a request, as far as its time is concerned. Ages are nanoseconds since it began.
public sealed interface Stage {

    /// Nothing has been said about it.
    record Running() implements Stage {}

    /// It was reported as slow.
    record Slow() implements Stage {}

    /// It was told to end at that age.
    record Overdue(long atAge) implements Stage {}

    /// It did not end: given up.
    record Stuck() implements Stage {}

    /// The first of them.
    Stage RUNNING = new Running();
}
