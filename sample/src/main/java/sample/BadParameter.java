package sample;

/// A parameter of the query is not what the page needs. The client gets 400.
final class BadParameter extends Exception {

    private static final long serialVersionUID = 1L;

    BadParameter(String message) {
        super(message);
    }
}
