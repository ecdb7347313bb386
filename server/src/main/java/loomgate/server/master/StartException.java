package loomgate.server.master;

import loomgate.server.control.ExitCode;

/// The server cannot start, for a reason that the operator can mend. The message says what and where, and is all that
/// is shown.
public final class StartException extends Exception {

    private static final long serialVersionUID = 1L;

    private final ExitCode code;

    StartException(ExitCode code, String message) {
        super(message);
        this.code = code;
    }

    public ExitCode code() {
        return code;
    }
}
