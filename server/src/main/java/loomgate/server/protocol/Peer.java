package loomgate.server.protocol;

/// Who is at the other end of a connection and where it came in, as far as a codec has to tell the application.
///
/// @param address    the peer's address in text, empty for a unix socket
/// @param port       the peer's port, 0 for a unix socket
/// @param serverName the address or host name that the connection came in on
/// @param serverPort the port that it came in on, 0 for a unix socket
public record Peer(String address, int port, String serverName, int serverPort) {}
