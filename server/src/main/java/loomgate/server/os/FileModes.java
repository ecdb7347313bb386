package loomgate.server.os;

/// Modes of files as they come into being.
public final class FileModes {

    private static final CFunction UMASK = Libc.function("umask");

    private FileModes() {}

    /// Something that creates a file, or a process that will.
    public interface Creation<T> {
        T run() throws OsException;
    }

    /// Runs the creation of a file that gets exactly the given mode from its first instant on. The umask is the whole
    /// process's: what others create meanwhile goes by [#creating].
    public static synchronized <T> T creatingWith(int mode, Creation<T> creation) throws OsException {
        int before = umask(~mode & 0777);
        try {
            return creation.run();
        } finally {
            umask(before);
        }
    }

    /// Runs what is subject to the umask that this process was started with, or takes it over for good.
    public static synchronized <T> T creating(Creation<T> creation) throws OsException {
        return creation.run();
    }

    private static int umask(int mask) throws OsException {
        return (int) Libc.call("umask", (_, errno) -> UMASK.asInt(errno, mask));
    }
}
