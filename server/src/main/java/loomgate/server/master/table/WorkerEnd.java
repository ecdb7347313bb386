package loomgate.server.master.table;

import java.time.Duration;
import java.time.Instant;
import loomgate.server.control.EndCause;
import loomgate.server.control.ExitCode;
import loomgate.server.control.Vitals;
import loomgate.server.control.WorkerLabel;
import loomgate.server.os.ExitStatus;
import loomgate.server.os.ExitStatus.Exited;
import loomgate.server.os.ExitStatus.Killed;

/// How and why a process of a worker ended.
///
/// @param detail what is known beside the cause, or empty
/// @param age    since it was spawned
/// @param vitals the last that were known
/// @param at     when it ended, by the wall clock
public record WorkerEnd(WorkerLabel label, EndCause cause, String detail, ExitStatus status, Duration age,
        Vitals vitals, Instant at) {

    private static final ExitStatus SUCCESS = new Exited(ExitCode.STOPPED.status());
    private static final long MEGABYTE = 1024 * 1024;
    private static final int SIGKILL = 9;

    /// Whether it ended as it was asked to, with nothing cut short.
    boolean isOrderly() {
        return status.equals(SUCCESS) && switch (cause) {
            case TERMINATED, MAX_REQUESTS, ADDRESS_SPACE, RESIDENT_MEMORY, LIFETIME, RELOAD, STOP -> true;
            case STUCK_REQUEST, OUT_OF_MEMORY, EXIT_CALLED, EVIL_ADDRESS_SPACE, EVIL_RESIDENT_MEMORY, UNRESPONSIVE,
                    START_TIMEOUT, GARBLED, START_FAILED, UNEXPECTED -> false;
        };
    }

    /// The master's, if it was the first start of all that ended so.
    ExitCode codeOfFirstStart() {
        return switch (cause) {
            case EXIT_CALLED -> ExitCode.APPLICATION_CANNOT_LOAD;
            case EVIL_ADDRESS_SPACE, EVIL_RESIDENT_MEMORY -> ExitCode.CONFIGURATION_WRONG;
            default -> status.equals(new Exited(ExitCode.APPLICATION_CANNOT_LOAD.status()))
                    ? ExitCode.APPLICATION_CANNOT_LOAD
                    : ExitCode.WORKERS_DIE;
        };
    }

    static String reason(EndCause cause, String detail) {
        return detail.isEmpty() ? cause.toString() : cause + " (" + detail + ")";
    }

    /// As the log has it.
    @Override
    public String toString() {
        return label + " ended: " + reason(cause, detail) + ", " + status + remark() + ", after " + rounded(age)
                + lastWords();
    }

    /// What a bare status does not say.
    private String remark() {
        return switch (cause) {
            case START_FAILED -> " before it was ready";
            case STOP -> status.equals(SUCCESS) ? "" : " while it was stopping";
            case UNEXPECTED -> switch (status) {
                case Exited _ -> " without a word: Runtime.halt by the application, or exit by native code";
                case Killed(int signal) when signal == SIGKILL -> ", by somebody or by the kernel for want of memory";
                case Killed _ -> "";
            };
            default -> "";
        };
    }

    public static String rounded(Duration age) {
        return age.toSeconds() < 10 ? age.toMillis() + " ms" : age.toSeconds() + " s";
    }

    private String lastWords() {
        return vitals.equals(Vitals.UNKNOWN)
                ? ""
                : ", " + vitals.requests() + " requests, rss " + vitals.resident() / MEGABYTE + " MB";
    }
}
