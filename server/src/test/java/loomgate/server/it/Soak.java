package loomgate.server.it;

/// How long the long tests are: short in CI, in full by `scripts/soak`.
final class Soak {

    /// Whether they run in full.
    static final boolean IS_FULL = Boolean.getBoolean("loomgate.soak");

    private Soak() {}

    static int of(int inShort, int inFull) {
        return IS_FULL ? inFull : inShort;
    }
}
