package loomgate.server.protocol;

/// What a codec accepts.
///
/// @param bufferSize the most bytes of a request's head (`buffer-size`)
public record Limits(int bufferSize) {}
