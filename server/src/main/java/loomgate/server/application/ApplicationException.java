package loomgate.server.application;

/// The application cannot be loaded. The message says what `module` asks for and what was found; the cause, if there is
/// one, is the application's own failure.
public final class ApplicationException extends Exception {

    private static final long serialVersionUID = 1L;

    public ApplicationException(String message) {
        super(message);
    }

    public ApplicationException(String message, Throwable cause) {
        super(message, cause);
    }
}
