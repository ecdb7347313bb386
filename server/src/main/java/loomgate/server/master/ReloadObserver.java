package loomgate.server.master;

import loomgate.server.control.ExitCode;

/// Who has asked for a reload and wants to know. Called on the master's thread, which must not wait.
interface ReloadObserver {

    /// The log tells enough.
    ReloadObserver NOBODY = new ReloadObserver() {
        @Override
        public void progress(String text) {}

        @Override
        public void ended(ExitCode code, String text) {}
    };

    void progress(String text);

    /// @param code [ExitCode#STOPPED] if all is well
    void ended(ExitCode code, String text);
}
