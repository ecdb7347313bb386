package loomgate.server.systemd;

/// The sockets that systemd passed are not those that the configuration asks for.
public final class PassedSocketsException extends Exception {

    private static final long serialVersionUID = 1L;

    PassedSocketsException(String message) {
        super(message);
    }
}
