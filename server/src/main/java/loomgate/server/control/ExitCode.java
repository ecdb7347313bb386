package loomgate.server.control;

import java.util.List;

/// What the exit status of a Loomgate process says: to the shell, to systemd, and a worker's to its master.
public enum ExitCode {

    /// Stopped as asked; every request was answered.
    STOPPED(0),
    /// A fault of Loomgate's own; the log has a stack trace.
    INTERNAL_ERROR(1),
    /// The application cannot be loaded: trying again will not help (uWSGI's code for the same).
    APPLICATION_CANNOT_LOAD(22),
    /// The command line is wrong.
    WRONG_USAGE(64),
    /// A command found no master that it could ask.
    NO_MASTER(68),
    /// A listener's address cannot be used, or another server runs by the same pid file.
    CANNOT_LISTEN(69),
    /// The first workers died before one of them was ready.
    WORKERS_DIE(70),
    /// Stopped, but requests were cut short: `reload-mercy` ran out, or a second signal came.
    CUT_SHORT(75),
    /// The installed program did not take the place of the one that runs, which goes on.
    NOT_UPGRADED(76),
    /// A command was sent by a user whom the master does not obey.
    DENIED(77),
    /// The configuration is wrong.
    CONFIGURATION_WRONG(78);

    private final int status;

    ExitCode(int status) {
        this.status = status;
    }

    /// The code that another process of ours gave; one that we do not know is no success.
    public static ExitCode of(int status) {
        return List.of(values()).stream().filter(code -> code.status == status).findFirst().orElse(INTERNAL_ERROR);
    }

    public int status() {
        return status;
    }
}
