package loomgate.server.config.option;

/// Whether an option does something yet.
public enum Availability {
    IN_EFFECT,
    /// Declared completely, but the server does not start with it: nothing would be worse than to ignore it.
    NOT_YET
}
