package loomgate.server.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/// What this process does when it gets a signal. Handlers run on a thread of the JVM's and should only enqueue.
///
/// By reflection, because a direct use of `sun.misc.Signal` cannot be compiled without a warning.
public final class Signals {

    /// The signals that a handler can be set for. QUIT is the JVM's (a thread dump), USR2 too (HotSpot suspends threads
    /// with it).
    public enum Name {
        HUP(1),
        INT(2),
        TERM(15),
        USR1(10);

        private final int number;

        Name(int number) {
            this.number = number;
        }
    }

    private static final Class<?> SIGNAL = classNamed("sun.misc.Signal");
    private static final Class<?> HANDLER = classNamed("sun.misc.SignalHandler");

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

    private Signals() {}

    /// Signals that are kept waiting for the next program.
    public static final class Held {

        private final Arena arena = Arena.ofShared();
        private final MemorySegment[] actions = new MemorySegment[Name.values().length]; // as they were

        private Held() {}

        /// Has things as they were before. What has arrived meanwhile is lost to this process.
        public void release() throws OsException {
            for (Name name : Name.values()) {
                setAction(name, actions[name.ordinal()], MemorySegment.NULL);
            }
            mask(SIG_UNBLOCK);
            arena.close();
        }
    }

    /// Keeps the signals of [Name] for the program that this process is about to become: neither does one end it before
    /// it has its handlers, nor is one lost. For the thread that makes it so with [Processes#becomeHolding], at the last
    /// moment.
    ///
    /// The kernel keeps a signal that is blocked and ignored, across `execve` as well; and a JVM leaves one blocked
    /// which is ignored when it starts, while it opens itself to one that is merely blocked.
    public static Held hold() throws OsException {
        Held held = new Held();
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

    /// In the program that the process has become: makes it possible to set handlers. The signals go on being held.
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

    /// Runs the action at each arrival of the signal.
    public static void on(Name name, Runnable action) {
        InvocationHandler invocation = (proxy, method, arguments) -> switch (method.getName()) {
            case "handle" -> {
                action.run();
                yield null;
            }
            case "equals" -> proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> name + " handler";
        };
        install(name, Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {HANDLER}, invocation));
    }

    /// Lets the signal pass without effect on this process; programs that it starts have the default again, which they
    /// would not if it were ignored in the kernel's sense.
    public static void disregard(Name name) {
        on(name, () -> {});
    }

    private static void install(Name name, Object handler) {
        try {
            Object signal = SIGNAL.getConstructor(String.class).newInstance(name.name());
            Method handle = SIGNAL.getMethod("handle", SIGNAL, HANDLER);
            handle.invoke(null, signal, handler);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot handle SIG" + name, e);
        }
    }

    private static Class<?> classNamed(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("this JVM has no " + name + "; Loomgate needs the module jdk.unsupported", e);
        }
    }
}
