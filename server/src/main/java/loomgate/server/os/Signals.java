package loomgate.server.os;

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

        final int number;

        Name(int number) {
            this.number = number;
        }
    }

    private static final Class<?> SIGNAL = classNamed("sun.misc.Signal");
    private static final Class<?> HANDLER = classNamed("sun.misc.SignalHandler");

    private Signals() {}

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
            throw new IllegalStateException(
                    "this JVM has no " + name + "; Loomgate needs the module jdk.unsupported", e);
        }
    }
}
