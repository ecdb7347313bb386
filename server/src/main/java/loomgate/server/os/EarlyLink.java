package loomgate.server.os;

/// Makes a process ready to call C functions while it does something else: the first call of all takes the JVM 40 ms of
/// CPU.
public final class EarlyLink {

    /// Bytes. The C library keeps the stack of a thread that has ended, which is not to be a large one.
    private static final long STACK = 1 << 20;

    private EarlyLink() {}

    /// Begins, on a thread of its own, and returns at once. If it comes to nothing, the first call that is needed says
    /// why.
    public static void begin() {
        Thread.ofPlatform().name("link").daemon().stackSize(STACK).start(() -> {
            try {
                CFunction function = Libc.function("getpid");
                Libc.call("getpid", (_, errno) -> function.asInt(errno));
            } catch (OsException | RuntimeException | Error _) {
                // as said above
            }
        });
    }
}
