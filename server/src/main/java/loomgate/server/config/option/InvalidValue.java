package loomgate.server.config.option;

/// A text that is no value of its kind. The message says what to write instead; option and place are added by [Option].
public final class InvalidValue extends Exception {

    private static final long serialVersionUID = 1L;

    public InvalidValue(String message) {
        super(message);
    }
}
