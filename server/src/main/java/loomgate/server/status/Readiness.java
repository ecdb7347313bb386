package loomgate.server.status;

/// Whether requests should be sent to this server, and if not, why.
public enum Readiness {

    READY("ready"),
    STARTING("starting"),
    NOBODY_SERVES("no worker serves"),
    STOPPING("stopping");

    private final String text;

    Readiness(String text) {
        this.text = text;
    }

    /// As whoever asks is told.
    @Override
    public String toString() {
        return text;
    }
}
