package loomgate.server.control;

/// Why the process of a worker ends, or is to end: the vocabulary of worker, master, log and ledger.
///
/// An option's name stands for the limit that it sets.
public enum EndCause {

    // what a worker says of itself
    /// Somebody sent it TERM.
    TERMINATED("asked to end"),
    MAX_REQUESTS("max-requests"),
    ADDRESS_SPACE("reload-on-as"),
    RESIDENT_MEMORY("reload-on-rss"),
    /// A request does not end although it was told to.
    STUCK_REQUEST("stuck request"),
    OUT_OF_MEMORY("out of memory"),
    /// The application called `System.exit`.
    EXIT_CALLED("System.exit"),

    // what the master decides
    LIFETIME("max-worker-lifetime"),
    RELOAD("reload"),
    EVIL_ADDRESS_SPACE("evil-reload-on-as"),
    EVIL_RESIDENT_MEMORY("evil-reload-on-rss"),
    /// It did not keep its promise to say that it is alive.
    UNRESPONSIVE("unresponsive"),
    START_TIMEOUT("start-timeout"),
    /// It said what cannot be understood.
    GARBLED("not understood"),
    STOP("stop"),

    // what the master finds
    /// It ended before it was ready.
    START_FAILED("failed start"),
    /// It ended, or was ended by others, and nobody had said anything.
    UNEXPECTED("unexpected end");

    private final String label;

    EndCause(String label) {
        this.label = label;
    }

    /// Whether the worker should go as soon as it can be spared; the others may wait until no other is being replaced.
    public boolean isUrgent() {
        return switch (this) {
            case STUCK_REQUEST, OUT_OF_MEMORY, EXIT_CALLED, UNRESPONSIVE, TERMINATED -> true;
            default -> false;
        };
    }

    /// As the log has it.
    @Override
    public String toString() {
        return label;
    }
}
