package loomgate.server.command;

import loomgate.server.control.ExitCode;

/// A command that was not carried out, for a reason that the operator can mend. The message is all that is shown.
public final class CommandException extends Exception {

    private static final long serialVersionUID = 1L;

    private final ExitCode code;

    public CommandException(ExitCode code, String message) {
        super(CommandText.printable(message));
        this.code = code;
    }

    /// There is no master that could be asked.
    static CommandException noMaster(String message) {
        return new CommandException(ExitCode.NO_MASTER, message);
    }

    public ExitCode code() {
        return code;
    }
}
