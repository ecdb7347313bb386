package loomgate.server.os;

/// How a process ended.
public sealed interface ExitStatus {

    /// It exited by itself.
    record Exited(int code) implements ExitStatus {
        @Override
        public String toString() {
            return "exited with status " + code;
        }
    }

    /// A signal ended it.
    record Killed(int signal) implements ExitStatus {
        @Override
        public String toString() {
            return "was killed by signal " + signal;
        }
    }

    /// From the word that `waitpid` fills, as the macros of `<sys/wait.h>` read it.
    static ExitStatus ofWaitStatus(int word) {
        int signal = word & 0x7f;
        return signal == 0 ? new Exited(word >> 8 & 0xff) : new Killed(signal);
    }
}
