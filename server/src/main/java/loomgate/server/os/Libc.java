package loomgate.server.os;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// How we call C: functions found by name, errno captured with the call, -1 turned into [OsException].
///
/// Each class of this package binds the functions that it calls, so that a process links no more than it uses.
@SuppressWarnings("restricted")
final class Libc {

    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    static final MemoryLayout POINTER = ValueLayout.ADDRESS;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup SYMBOLS = LINKER.defaultLookup();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle STRERROR =
            LINKER.downcallHandle(SYMBOLS.findOrThrow("strerror"), FunctionDescriptor.of(ValueLayout.ADDRESS, INT));

    private Libc() {}

    /// A call in progress: allocates its arguments in the arena, passes `errno` on as the handle's first argument.
    @FunctionalInterface
    interface Call {
        long in(Arena arena, MemorySegment errno) throws Throwable;
    }

    /// Finds a function. The handle takes the errno segment before the C arguments.
    static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                symbol(name), FunctionDescriptor.of(result, arguments), Linker.Option.captureCallState("errno"));
    }

    /// Finds a function with `...` in its declaration after the first `fixed` arguments.
    static MethodHandle variadic(String name, int fixed, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                symbol(name),
                FunctionDescriptor.of(result, arguments),
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(fixed));
    }

    /// Calls a function that returns -1 and sets errno when it fails.
    static long call(String name, Call call) throws OsException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long result = invoke(name, call, arena, state);
            if (result == -1) {
                throw new OsException(name, (int) ERRNO.get(state, 0L));
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
        try {
            MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
            return text.reinterpret(256).getString(0);
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

    private static MemorySegment symbol(String name) {
        return SYMBOLS.find(name).orElseThrow(() -> new UnsupportedOperationException(
                "the C library has no " + name + "; Loomgate needs Linux with glibc 2.34 or later"));
    }
}
