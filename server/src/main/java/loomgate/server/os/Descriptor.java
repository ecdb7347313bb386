package loomgate.server.os;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/// A file descriptor of this process, by its number. A plain value: whoever made it closes it, once.
public record Descriptor(int number) {

    private static final CFunction READ = Libc.function("read");
    private static final CFunction SEND = Libc.function("send");
    private static final CFunction CLOSE = Libc.function("close");
    static final CFunction DUP3 = Libc.function("dup3");
    private static final CFunction FCNTL = Libc.function("fcntl");
    private static final CFunction FLOCK = Libc.function("flock");
    private static final CFunction WRITE = Libc.function("write");
    private static final CFunction FCHOWN = Libc.function("fchown");
    private static final CFunction FTRUNCATE = Libc.function("ftruncate");
    private static final CFunction MEMFD_CREATE = Libc.function("memfd_create");
    private static final CFunction LSEEK = Libc.function("lseek");
    private static final CFunction OPEN = Libc.function("open");

    private static final int F_SETFD = 2;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int FD_CLOEXEC = 1;
    private static final int O_RDWR = 2;
    private static final int O_WRONLY = 1;
    private static final int O_CREAT = 0x40;
    private static final int O_EXCL = 0x80;
    private static final int O_APPEND = 0x400;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_PATH = 0x200000;
    static final int O_CLOEXEC = 0x80000;
    private static final int NO_FOLLOW = // O_NOFOLLOW, one of the few that differ
            "aarch64".equals(System.getProperty("os.arch")) ? 0x8000 : 0x20000;
    private static final int MFD_CLOEXEC = 1;
    private static final int SEEK_SET = 0;
    private static final int LOCK_EX = 2;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;

    /// A file in memory, without a name in any directory, which is read from its beginning.
    public static Descriptor inMemory(byte[] content) throws OsException {
        Descriptor file = new Descriptor((int) Libc.call("memfd_create", (arena, errno) ->
                MEMFD_CREATE.asInt(errno, arena.allocateFrom("loomgate").address(), MFD_CLOEXEC)));
        try {
            file.write(content);
            Libc.call("lseek", (_, errno) -> LSEEK.asLong(errno, file.number, 0, SEEK_SET));
            return file;
        } catch (OsException e) {
            file.close();
            throw e;
        }
    }

    /// Opens `/dev/null` for reading and writing.
    public static Descriptor devNull() throws OsException {
        return open("/dev/null", O_RDWR | O_CLOEXEC, 0);
    }

    /// Opens a file so that each write goes to its end, whoever else writes; creates it with the given mode.
    public static Descriptor appendingTo(String path, int mode) throws OsException {
        return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode);
    }

    /// As [#appendingTo], of a file that exists; fails with ELOOP if that is a symbolic link.
    public static Descriptor appendingToNoLink(String path) throws OsException {
        return open(path, O_WRONLY | O_APPEND | NO_FOLLOW | O_CLOEXEC, 0);
    }

    /// As [#appendingTo], but fails with EEXIST if there is a file or a link of that name.
    public static Descriptor creating(String path, int mode) throws OsException {
        return open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, mode);
    }

    /// Holds on to a file, whatever it is, without opening it: its inode's number becomes no other file's meanwhile.
    public static Descriptor holding(String path) throws OsException {
        return open(path, O_PATH | NO_FOLLOW | O_CLOEXEC, 0);
    }

    /// Opens a directory and locks it against others that do the same, until the descriptor is closed. Waits for them.
    public static Descriptor lockedDirectory(String path) throws OsException {
        Descriptor directory = open(path, O_CLOEXEC, 0);
        try {
            Libc.call("flock " + path, (_, errno) -> FLOCK.asInt(errno, directory.number, LOCK_EX));
            return directory;
        } catch (OsException e) {
            directory.close();
            throw e;
        }
    }

    private static Descriptor open(String path, int flags, int mode) throws OsException {
        return new Descriptor((int) Libc.call(
                "open " + path,
                (arena, errno) -> OPEN.asInt(errno, arena.allocateFrom(path).address(), flags, mode)));
    }

    /// Gives the open file to a user and a group.
    public void chown(int uid, int gid) throws OsException {
        Libc.call("fchown", (_, errno) -> FCHOWN.asInt(errno, number, uid, gid));
    }

    /// Empties the open file, whether or not its name could be opened for writing by now.
    public void truncate() throws OsException {
        Libc.call("ftruncate", (_, errno) -> FTRUNCATE.asInt(errno, number, 0));
    }

    /// Writes a few bytes to a file, in one write.
    public void write(byte[] bytes) throws OsException {
        long written = Libc.call("write", (arena, errno) -> WRITE.asLong(
                errno, number, copyOf(arena, bytes, 0, bytes.length).address(), bytes.length));
        if (written != bytes.length) {
            throw new OsException("write", OsException.ENOSPC);
        }
    }

    /// Makes `target` stand for what this one stands for, closing what it stood for. Programs started later inherit
    /// `target` only if `inherited`.
    public void duplicateOver(Descriptor target, boolean inherited) throws OsException {
        int flags = inherited ? 0 : O_CLOEXEC;
        Libc.call("dup3", (_, errno) -> DUP3.asInt(errno, number, target.number, flags));
    }

    /// Another number for the same open file, at or above `least`; not inherited by programs started later.
    public Descriptor duplicate(int least) throws OsException {
        return new Descriptor((int) Libc.call(
                "fcntl F_DUPFD_CLOEXEC", (_, errno) -> FCNTL.asInt(errno, number, F_DUPFD_CLOEXEC, least)));
    }

    /// Keeps this descriptor from programs that are started later.
    public void closeOnExec() throws OsException {
        inherit(false);
    }

    /// Whether a program that this process becomes has it, too.
    void inherit(boolean inherited) throws OsException {
        int flags = inherited ? 0 : FD_CLOEXEC;
        Libc.call("fcntl F_SETFD", (_, errno) -> FCNTL.asInt(errno, number, F_SETFD, flags));
    }

    /// Has calls wait, in all processes that share the open file, whatever its last user left behind.
    public void makeBlocking() throws OsException {
        setBlocking(true);
    }

    /// Has calls fail instead of waiting, in all processes that share the open file.
    public void makeNonBlocking() throws OsException {
        setBlocking(false);
    }

    private void setBlocking(boolean blocking) throws OsException {
        int flags = (int) Libc.call("fcntl F_GETFL", (_, errno) -> FCNTL.asInt(errno, number, F_GETFL, 0));
        int wanted = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
        Libc.call("fcntl F_SETFL", (_, errno) -> FCNTL.asInt(errno, number, F_SETFL, wanted));
    }

    public void close() throws OsException {
        Libc.call("close", (_, errno) -> CLOSE.asInt(errno, number));
    }

    /// Reads bytes as [InputStream#read(byte\[\], int, int)] does. Blocks; for platform threads only.
    public InputStream input() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                Objects.checkFromIndexSize(offset, length, into.length);
                return readSome(into, offset, length);
            }
        };
    }

    /// Sends to a socket without ever waiting: what does not fit into the socket's buffer is an [OsException].
    public OutputStream outputThatNeverWaits() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] from, int offset, int length) throws IOException {
                sendAll(from, offset, length);
            }
        };
    }

    private int readSome(byte[] into, int offset, int length) throws OsException {
        while (true) {
            try {
                long count = Libc.call("read", (arena, errno) -> {
                    MemorySegment buffer = arena.allocate(Math.max(1, length));
                    long n = READ.asLong(errno, number, buffer.address(), length);
                    if (n > 0) {
                        MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, into, offset, (int) n);
                    }
                    return n;
                });
                return count == 0 ? -1 : (int) count;
            } catch (OsException e) {
                if (e.errno() != OsException.EINTR) {
                    throw e;
                }
            }
        }
    }

    private void sendAll(byte[] from, int offset, int length) throws OsException {
        int sent = 0;
        while (sent < length) {
            int start = offset + sent;
            int rest = length - sent;
            try {
                sent += (int) Libc.call("send", (arena, errno) -> SEND.asLong(
                        errno, number, copyOf(arena, from, start, rest).address(), rest, MSG_DONTWAIT | MSG_NOSIGNAL));
            } catch (OsException e) {
                if (e.errno() != OsException.EINTR) {
                    throw e;
                }
            }
        }
    }

    private static MemorySegment copyOf(Arena arena, byte[] from, int offset, int length) {
        MemorySegment copy = arena.allocate(Math.max(1, length));
        MemorySegment.copy(from, offset, copy, ValueLayout.JAVA_BYTE, 0, length);
        return copy;
    }
}
