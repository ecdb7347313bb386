package loomgate.server.os;

/// Standard output and error of this process, as a file.
public final class StandardOutput {

    private static final int MODE = 0640;

    private StandardOutput() {}

    /// Opens the file for adding to it, or makes it, with mode 0640.
    public static Descriptor open(String path) throws OsException {
        return FileModes.creating(() -> Descriptor.appendingTo(path, MODE));
    }

    /// From here on both are that file. A line that is being written goes to the one or to the other, whole.
    public static void becomes(Descriptor file) throws OsException {
        file.duplicateOver(new Descriptor(1), true);
        file.duplicateOver(new Descriptor(2), true);
        file.close();
    }
}
