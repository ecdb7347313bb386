package loomgate.server.master;

import loomgate.server.control.ExitCode;

/// Who has asked the master for something and wants to know what comes of it.
/// Called on the master's thread, which must not wait.
interface Requester {

    /// The log tells enough.
    Requester NOBODY = new Requester() {
        @Override
        public void progress(String text) {}

        @Override
        public void ended(ExitCode code, String text) {}
    };

    void progress(String text);

    /// @param code [ExitCode#STOPPED] if all is well
    void ended(ExitCode code, String text);
}
