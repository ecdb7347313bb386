package loomgate.server.control;

/// What this program is.
public final class Version {

    private Version() {}

    /// `loomgate 1.2.0, java 25.0.3+9-LTS`.
    public static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return "loomgate " + (version == null ? "(unpackaged)" : version) + ", java " + Runtime.version();
    }
}
