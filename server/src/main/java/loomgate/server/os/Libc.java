package loomgate.server.os;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;

/// How we call C: functions found by name, errno captured with the call, -1 turned into [OsException].
@SuppressWarnings("restricted")
final class Libc {

    private static final SymbolLookup SYMBOLS = Linker.nativeLinker().defaultLookup();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO = STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    private static final int LONGEST_DESCRIPTION = 256;

    private Libc() {}

    /// A call in progress: allocates its arguments in the arena, passes `errno` on as the function's first argument.
    @FunctionalInterface
    interface Call {
        long in(Arena arena, MemorySegment errno) throws Throwable;
    }

    static CFunction function(String name) {
        return new CFunction(SYMBOLS.find(name).orElseThrow(() -> new UnsupportedOperationException(
                "the C library has no " + name + "; Loomgate needs Linux with glibc 2.34 or later")));
    }

    /// Calls a function that returns -1 and sets errno when it fails.
    static long call(String name, Call call) throws OsException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long result = invoke(name, call, arena, state);
            if (result == -1) {
                throw new OsException(name, state.get(ValueLayout.JAVA_INT, ERRNO));
            }
            return result;
        }
    }

    /// Calls a function that returns the error number itself, 0 for success (`posix_spawn` and its kin).
    static void callReturningError(String name, Call call) throws OsException {
        try (Arena arena = Arena.ofConfined()) {
            int error = (int) invoke(name, call, arena, arena.allocate(STATE));
            if (error != 0) {
                throw new OsException(name, error);
            }
        }
    }

    static String describe(int errno) {
        try (Arena arena = Arena.ofConfined()) {
            long text = function("strerror").asLong(arena.allocate(STATE), errno);
            return MemorySegment.ofAddress(text).reinterpret(LONGEST_DESCRIPTION).getString(0);
        } catch (Throwable e) {
            throw new IllegalStateException("strerror", e);
        }
    }

    private static long invoke(String name, Call call, Arena arena, MemorySegment state) {
        try {
            return call.in(arena, state);
        } catch (Throwable e) {
            throw new IllegalStateException(name + " could not be called", e);
        }
    }
}
