package loomgate.server.os;

/// Modes of files as they come into being.
public final class FileModes {

    private static final CFunction UMASK = Libc.function("umask");

    private FileModes() {}

    /// Something that creates a file.
    public interface Creation<T> {
        T run() throws OsException;
    }

    /// Runs the creation of a file that gets exactly the given mode from its first instant on. The umask is the whole
    /// process's: nothing else may create files meanwhile.
    public static <T> T creatingWith(int mode, Creation<T> creation) throws OsException {
        int before = umask(~mode & 0777);
        try {
            return creation.run();
        } finally {
            umask(before);
        }
    }

    private static int umask(int mask) throws OsException {
        return (int) Libc.call("umask", (_, errno) -> UMASK.asInt(errno, mask));
    }
}
