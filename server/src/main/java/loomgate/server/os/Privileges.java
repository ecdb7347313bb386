package loomgate.server.os;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What this process may do: whose it is, and how it becomes somebody else's for good.
///
/// The C library applies a change of user and groups to all threads of the process. A promise of `prctl` and a set of
/// capabilities are one thread's, and are inherited by what that thread starts.
public final class Privileges {

    private static final CFunction GETEUID = Libc.function("geteuid");
    private static final CFunction GETEGID = Libc.function("getegid");
    private static final CFunction SETRESUID = Libc.function("setresuid");
    private static final CFunction SETRESGID = Libc.function("setresgid");
    private static final CFunction GETGROUPS = Libc.function("getgroups");
    private static final CFunction SETGROUPS = Libc.function("setgroups");
    private static final CFunction INITGROUPS = Libc.function("initgroups");
    private static final CFunction PRCTL = Libc.function("prctl");
    private static final CFunction CAPGET = Libc.function("capget");
    private static final CFunction CAPSET = Libc.function("capset");

    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_GET_NO_NEW_PRIVS = 39;
    private static final int CAPABILITY_VERSION_3 = 0x20080522;
    private static final int CAPABILITY_SETS = 24; // bytes: effective, permitted, inheritable, twice 32 bits of each
    private static final int INHERITABLE_LOW = 8;
    private static final int INHERITABLE_HIGH = 20;

    private static final int UNCHANGED = -1;
    private static final int MOST_GROUPS = 65536; // NGROUPS_MAX of Linux
    private static final Path THREADS = Path.of("/proc/self/task");

    private Privileges() {}

    /// Whom to become.
    ///
    /// @param name a user whose further groups are taken over; none if there are no others than `gid`
    public record Identity(int uid, int gid, Optional<String> name) {}

    public static boolean isRoot() throws OsException {
        return user() == 0;
    }

    /// The number of the user that this process acts for.
    public static int user() throws OsException {
        return (int) Libc.call("geteuid", (_, errno) -> GETEUID.asInt(errno));
    }

    public static int group() throws OsException {
        return (int) Libc.call("getegid", (_, errno) -> GETEGID.asInt(errno));
    }

    /// Whether no program that this thread starts can have more privileges than this one, be it set-user-ID or have
    /// capabilities of its own.
    public static boolean newOnesAreForbidden() throws OsException {
        return prctl(PR_GET_NO_NEW_PRIVS, 0) == 1;
    }

    /// Sees to that, for this thread, those that it starts and its programs, for ever. Nor do they inherit capabilities
    /// by way of a program's file.
    public static void forbidNewOnes() throws OsException {
        prctl(PR_SET_NO_NEW_PRIVS, 1);
        inheritNoCapabilities();
    }

    /// Becomes somebody else for good, in all threads, and makes sure of it. Needs root. This process can be looked
    /// into by the new user afterwards, as if that had started it.
    public static void become(Identity identity) throws IOException {
        takeGroups(identity);
        setGroup(identity.gid(), identity.gid(), identity.gid());
        setUser(identity.uid(), identity.uid(), identity.uid());
        prctl(PR_SET_DUMPABLE, 1);
        requireEveryThread(identity);
    }

    /// Something to try.
    public interface Attempt {
        void run() throws IOException;
    }

    /// Acts for somebody else as long as the attempt takes. It is the whole process that does, for all that concerns
    /// files. Needs root.
    public static void tryAs(Identity identity, Attempt attempt) throws IOException {
        int user = user();
        int group = group();
        int[] groups = groups();
        try {
            takeGroups(identity);
            setGroup(UNCHANGED, identity.gid(), UNCHANGED);
            setUser(UNCHANGED, identity.uid(), UNCHANGED);
            attempt.run();
        } finally {
            setUser(UNCHANGED, user, UNCHANGED);
            setGroup(UNCHANGED, group, UNCHANGED);
            setGroups(groups);
            prctl(PR_SET_DUMPABLE, 1);
        }
    }

    private static void takeGroups(Identity identity) throws OsException {
        if (identity.name().isEmpty()) {
            setGroups(identity.gid());
            return;
        }
        Libc.call("initgroups", (arena, errno) -> INITGROUPS.asInt(
                errno, arena.allocateFrom(identity.name().get()).address(), identity.gid()));
    }

    private static int[] groups() throws OsException {
        int[][] groups = new int[1][];
        Libc.call("getgroups", (arena, errno) -> {
            MemorySegment room = arena.allocate(ValueLayout.JAVA_INT, MOST_GROUPS);
            int count = GETGROUPS.asInt(errno, MOST_GROUPS, room.address());
            groups[0] = room.asSlice(0, 4L * Math.max(count, 0)).toArray(ValueLayout.JAVA_INT);
            return count;
        });
        return groups[0];
    }

    private static void setGroups(int... groups) throws OsException {
        Libc.call("setgroups", (arena, errno) -> SETGROUPS.asInt(
                errno, groups.length, arena.allocateFrom(ValueLayout.JAVA_INT, groups).address()));
    }

    private static void setUser(int real, int effective, int saved) throws OsException {
        Libc.call("setresuid", (_, errno) -> SETRESUID.asInt(errno, real, effective, saved));
    }

    private static void setGroup(int real, int effective, int saved) throws OsException {
        Libc.call("setresgid", (_, errno) -> SETRESGID.asInt(errno, real, effective, saved));
    }

    private static int prctl(int operation, long argument) throws OsException {
        return (int) Libc.call("prctl", (_, errno) ->
                PRCTL.asInt(errno, operation, argument, 0, 0, 0));
    }

    private static void inheritNoCapabilities() throws OsException {
        Libc.call("capset", (arena, errno) -> {
            MemorySegment header = arena.allocateFrom(ValueLayout.JAVA_INT, CAPABILITY_VERSION_3, 0); // of this thread
            MemorySegment sets = arena.allocate(CAPABILITY_SETS, 4);
            int result = CAPGET.asInt(errno, header.address(), sets.address());
            sets.set(ValueLayout.JAVA_INT, INHERITABLE_LOW, 0);
            sets.set(ValueLayout.JAVA_INT, INHERITABLE_HIGH, 0);
            return result == -1 ? result : CAPSET.asInt(errno, header.address(), sets.address());
        });
    }

    /// A thread that kept a privilege would be a way back.
    private static void requireEveryThread(Identity identity) throws IOException {
        String uid = ids("Uid:", identity.uid());
        String gid = ids("Gid:", identity.gid());
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
            for (Path thread : threads) {
                List<String> status = status(thread);
                if (!status.isEmpty() && !(status.contains(uid) && status.contains(gid)
                        && (identity.uid() == 0 || hasNoCapability(status)))) {
                    throw new IOException("thread " + thread.getFileName() + " has kept privileges");
                }
            }
        }
    }

    private static List<String> status(Path thread) throws IOException {
        try {
            return Files.readAllLines(thread.resolve("status"));
        } catch (NoSuchFileException _) {
            return List.of(); // it has ended
        } catch (IOException e) {
            if (Files.exists(thread)) {
                throw e;
            }
            return List.of();
        }
    }

    private static String ids(String name, int number) {
        return name + ("\t" + Integer.toUnsignedString(number)).repeat(4);
    }

    private static boolean hasNoCapability(List<String> status) {
        return status.stream().filter(line -> line.matches("Cap(Prm|Eff|Amb):.*"))
                .allMatch(line -> line.matches("\\w+:\\s+0+"));
    }
}
