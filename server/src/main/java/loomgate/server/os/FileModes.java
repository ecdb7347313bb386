package loomgate.server.os;

import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/// Modes and owners of files as they come into being.
public final class FileModes {

    private static final MethodHandle UMASK = Libc.function("umask", Libc.INT, Libc.INT);
    private static final MethodHandle CHOWN = Libc.function("lchown", Libc.INT, Libc.POINTER, Libc.INT, Libc.INT);

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

    /// @param uid the new owner, -1 to leave it
    /// @param gid the new group, -1 to leave it
    public static void chown(Path path, int uid, int gid) throws OsException {
        Libc.call(
                "chown " + path,
                (arena, errno) -> (int) CHOWN.invokeExact(errno, arena.allocateFrom(path.toString()), uid, gid));
    }

    private static int umask(int mask) throws OsException {
        return (int) Libc.call("umask", (_, errno) -> (int) UMASK.invokeExact(errno, mask));
    }
}
