package loomgate.server.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Set;
import loomgate.server.os.Signals.Name;

/// The signals of [Signals.Name], kept for the program that this process is about to become: neither does one end it
/// before it has its handlers, nor is one lost once that program has begun.
///
/// The kernel keeps a signal that is blocked and ignored, across `execve` as well; and a JVM leaves one blocked which
/// is ignored when it starts, while it opens itself to one that is merely blocked. But whether it is blocked the kernel
/// asks the process's first thread, which is not ours to change: between [#hold()] and the end of the other threads a
/// signal is lost, unless this program was itself begun with signals held.
public final class HeldSignals {

    private static final CFunction SIGEMPTYSET = Libc.function("sigemptyset");
    private static final CFunction SIGADDSET = Libc.function("sigaddset");
    private static final CFunction SIGMASK = Libc.function("pthread_sigmask");
    private static final CFunction SIGACTION = Libc.function("sigaction");
    private static final int SIG_BLOCK = 0;
    private static final int SIG_UNBLOCK = 1;
    private static final long SIG_IGN = 1;
    private static final int STRUCT_ROOM = 512; // for a set (128 bytes) or a struct sigaction (152)

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment[] actions = new MemorySegment[Name.values().length]; // as they were

    private HeldSignals() {}

    /// Those that this process ignores in the kernel's sense, as one does that was started by `nohup`, or by a script
    /// in the background.
    public static Set<Name> ignored() throws OsException {
        Set<Name> ignored = EnumSet.noneOf(Name.class);
        try (Arena arena = Arena.ofConfined()) {
            for (Name name : Name.values()) {
                MemorySegment action = arena.allocate(STRUCT_ROOM, 16);
                setAction(name, MemorySegment.NULL, action);
                if (action.get(ValueLayout.JAVA_LONG, 0) == SIG_IGN) {
                    ignored.add(name);
                }
            }
        }
        return ignored;
    }

    /// Has all that [#hold()] needs in memory.
    static void prepare() throws OsException {
        ignored();
        mask(SIG_UNBLOCK);
    }

    /// Holds them, on the thread that calls `execve` next.
    static HeldSignals hold() throws OsException {
        HeldSignals held = new HeldSignals();
        mask(SIG_BLOCK);
        MemorySegment ignoring = held.arena.allocate(STRUCT_ROOM, 16);
        ignoring.set(ValueLayout.JAVA_LONG, 0, SIG_IGN);
        for (Name name : Name.values()) {
            MemorySegment before = held.arena.allocate(STRUCT_ROOM, 16);
            setAction(name, ignoring, before);
            held.actions[name.ordinal()] = before;
        }
        return held;
    }

    /// There was no `execve`: things are as they were before. What has arrived meanwhile is lost.
    void release() throws OsException {
        for (Name name : Name.values()) {
            setAction(name, actions[name.ordinal()], MemorySegment.NULL);
        }
        mask(SIG_UNBLOCK);
        arena.close();
    }

    /// In the program that the process has become: makes it possible to set handlers. They go on being held.
    ///
    /// @param others that were ignored before, and go on to be
    public static void stopIgnoring(Set<Name> others) throws OsException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment byDefault = arena.allocate(STRUCT_ROOM, 16); // SIG_DFL is 0
            for (Name name : Name.values()) {
                if (!others.contains(name)) {
                    setAction(name, byDefault, MemorySegment.NULL);
                }
            }
        }
    }

    /// Lets in what was held: to be called when there are handlers, by a thread that lives as long as the process.
    public static void deliver() throws OsException {
        mask(SIG_UNBLOCK);
    }

    private static void setAction(Name name, MemorySegment action, MemorySegment before) throws OsException {
        Libc.call("sigaction", (_, errno) -> SIGACTION.asInt(errno, name.number, action.address(), before.address()));
    }

    private static void mask(int how) throws OsException {
        Libc.callReturningError("pthread_sigmask", (arena, errno) -> {
            MemorySegment set = arena.allocate(STRUCT_ROOM, 16);
            int result = SIGEMPTYSET.asInt(errno, set.address());
            for (Name name : Name.values()) {
                result = SIGADDSET.asInt(errno, set.address(), name.number);
            }
            return SIGMASK.asInt(errno, how, set.address(), 0);
        });
    }
}
