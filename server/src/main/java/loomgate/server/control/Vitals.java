package loomgate.server.control;

/// What a worker last said about itself.
///
/// @param requests     answered since it was started
/// @param addressSpace bytes of addresses that it has reserved (`vsz`)
/// @param resident     bytes of memory that it has (`rss`)
public record Vitals(long requests, long addressSpace, long resident) {

    /// Of a worker that has not said anything yet.
    public static final Vitals UNKNOWN = new Vitals(0, 0, 0);
}
