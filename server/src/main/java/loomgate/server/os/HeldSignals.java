package loomgate.server.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import loomgate.server.os.Signals.Name;

/// The signals of [Signals.Name], kept for the program that this process is about to become: neither does one end it
/// before it has its handlers, nor is one lost.
///
/// The kernel keeps a signal that is blocked and ignored, across `execve` as well; and a JVM leaves one blocked which is
/// ignored when it starts, while it opens itself to one that is merely blocked.
public final class HeldSignals {

    private static final MethodHandle SIGEMPTYSET = Libc.function("sigemptyset", Libc.INT, Libc.POINTER);
    private static final MethodHandle SIGADDSET = Libc.function("sigaddset", Libc.INT, Libc.POINTER, Libc.INT);
    private static final MethodHandle SIGMASK =
            Libc.function("pthread_sigmask", Libc.INT, Libc.INT, Libc.POINTER, Libc.POINTER);
    private static final MethodHandle SIGACTION =
            Libc.function("sigaction", Libc.INT, Libc.INT, Libc.POINTER, Libc.POINTER);
    private static final int SIG_BLOCK = 0;
    private static final int SIG_UNBLOCK = 1;
    private static final long SIG_IGN = 1;
    private static final int STRUCT_ROOM = 512; // for a set (128 bytes) or a struct sigaction (152)

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment[] actions = new MemorySegment[Name.values().length]; // as they were

    private HeldSignals() {}

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
    public static void stopIgnoring() throws OsException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment byDefault = arena.allocate(STRUCT_ROOM, 16); // SIG_DFL is 0
            for (Name name : Name.values()) {
                setAction(name, byDefault, MemorySegment.NULL);
            }
        }
    }

    /// Lets in what was held: to be called when there are handlers, by a thread that lives as long as the process.
    public static void deliver() throws OsException {
        mask(SIG_UNBLOCK);
    }

    private static void setAction(Name name, MemorySegment action, MemorySegment before) throws OsException {
        Libc.call("sigaction", (_, errno) -> (int) SIGACTION.invokeExact(errno, name.number, action, before));
    }

    private static void mask(int how) throws OsException {
        Libc.callReturningError("pthread_sigmask", (arena, errno) -> {
            MemorySegment set = arena.allocate(STRUCT_ROOM, 16);
            int result = (int) SIGEMPTYSET.invokeExact(errno, set);
            for (Name name : Name.values()) {
                result = (int) SIGADDSET.invokeExact(errno, set, name.number);
            }
            return (int) SIGMASK.invokeExact(errno, how, set, MemorySegment.NULL);
        });
    }
}
