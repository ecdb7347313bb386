package loomgate.server.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.OptionalInt;

/// Users and groups as the C library knows them: from files, LDAP or wherever the machine keeps them.
public final class Users {

    private static final CFunction GETPWNAM = Libc.function("getpwnam_r");
    private static final CFunction GETPWUID = Libc.function("getpwuid_r");
    private static final CFunction GETGRNAM = Libc.function("getgrnam_r");

    private static final int ROOM = 1 << 20; // bytes for all strings of an entry: a group may have thousands of members
    private static final int ENTRY = 64; // struct passwd has 48 bytes on 64-bit Linux, struct group 32
    private static final int NUMBER = 16; // offset of pw_uid and of gr_gid: both follow two pointers
    private static final int GROUP = 20; // offset of pw_gid
    private static final int HOME = 32; // offset of pw_dir
    private static final int LONGEST_STRING = 4096;

    private Users() {}

    /// A user as the database of users has it.
    ///
    /// @param gid  the user's own group
    /// @param home the directory that is called the user's
    public record User(String name, int uid, int gid, String home) {}

    public static Optional<User> named(String name) throws OsException {
        return user("getpwnam_r", (arena, entry, strings, found, errno) -> GETPWNAM.asInt(
                errno, arena.allocateFrom(name).address(), entry.address(), strings.address(), ROOM, found.address()));
    }

    public static Optional<User> numbered(int uid) throws OsException {
        return user("getpwuid_r", (_, entry, strings, found, errno) ->
                GETPWUID.asInt(errno, uid, entry.address(), strings.address(), ROOM, found.address()));
    }

    /// The number of the group of that name.
    public static OptionalInt group(String name) throws OsException {
        int[] gid = new int[1];
        boolean isKnown = find("getgrnam_r", (arena, entry, strings, found, errno) -> GETGRNAM.asInt(
                        errno, arena.allocateFrom(name).address(), entry.address(), strings.address(), ROOM,
                        found.address()),
                entry -> gid[0] = entry.get(ValueLayout.JAVA_INT, NUMBER));
        return isKnown ? OptionalInt.of(gid[0]) : OptionalInt.empty();
    }

    private interface Lookup {
        int run(Arena arena, MemorySegment entry, MemorySegment strings, MemorySegment found, MemorySegment errno)
                throws Throwable;
    }

    private interface Entry {
        void read(MemorySegment entry);
    }

    private static Optional<User> user(String call, Lookup lookup) throws OsException {
        User[] user = new User[1];
        find(call, lookup, entry -> user[0] = new User(string(entry, 0), entry.get(ValueLayout.JAVA_INT, NUMBER),
                entry.get(ValueLayout.JAVA_INT, GROUP), string(entry, HOME)));
        return Optional.ofNullable(user[0]);
    }

    /// Whether there is such an entry. Not to be found is no error of these functions, or one of several: the manual
    /// leaves it open, and says which mean no more than that.
    private static boolean find(String call, Lookup lookup, Entry entryRead) throws OsException {
        boolean[] isFound = new boolean[1];
        try {
            Libc.callReturningError(call, (arena, errno) -> {
                MemorySegment entry = arena.allocate(ENTRY, 8);
                MemorySegment found = arena.allocate(ValueLayout.ADDRESS);
                int error = lookup.run(arena, entry, arena.allocate(ROOM), found, errno);
                if (error == 0 && found.get(ValueLayout.ADDRESS, 0).address() != 0) {
                    entryRead.read(entry);
                    isFound[0] = true;
                }
                return error;
            });
        } catch (OsException e) {
            if (e.errno() != OsException.ENOENT && e.errno() != OsException.ESRCH) {
                throw e;
            }
        }
        return isFound[0];
    }

    @SuppressWarnings("restricted")
    private static String string(MemorySegment entry, int offset) {
        return entry.get(ValueLayout.ADDRESS, offset).reinterpret(LONGEST_STRING).getString(0);
    }
}
