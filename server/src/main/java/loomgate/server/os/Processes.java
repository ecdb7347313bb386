package loomgate.server.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/// Starts programs with chosen descriptors, becomes them, signals them, and learns of their ends.
public final class Processes {

    private static final MethodHandle SPAWN = Libc.function(
            "posix_spawn", Libc.INT, Libc.POINTER, Libc.POINTER, Libc.POINTER, Libc.POINTER, Libc.POINTER, Libc.POINTER);
    private static final MethodHandle ACTIONS_INIT =
            Libc.function("posix_spawn_file_actions_init", Libc.INT, Libc.POINTER);
    private static final MethodHandle ACTIONS_DESTROY =
            Libc.function("posix_spawn_file_actions_destroy", Libc.INT, Libc.POINTER);
    private static final MethodHandle ACTIONS_DUP2 =
            Libc.function("posix_spawn_file_actions_adddup2", Libc.INT, Libc.POINTER, Libc.INT, Libc.INT);
    private static final MethodHandle ACTIONS_CLOSEFROM =
            Libc.function("posix_spawn_file_actions_addclosefrom_np", Libc.INT, Libc.POINTER, Libc.INT);
    private static final MethodHandle ACTIONS_CHDIR =
            Libc.function("posix_spawn_file_actions_addchdir_np", Libc.INT, Libc.POINTER, Libc.POINTER);
    private static final MethodHandle ATTRIBUTES_INIT = Libc.function("posix_spawnattr_init", Libc.INT, Libc.POINTER);
    private static final MethodHandle ATTRIBUTES_DESTROY =
            Libc.function("posix_spawnattr_destroy", Libc.INT, Libc.POINTER);
    private static final MethodHandle ATTRIBUTES_FLAGS =
            Libc.function("posix_spawnattr_setflags", Libc.INT, Libc.POINTER, Libc.SHORT);
    private static final MethodHandle ATTRIBUTES_MASK =
            Libc.function("posix_spawnattr_setsigmask", Libc.INT, Libc.POINTER, Libc.POINTER);
    private static final MethodHandle ATTRIBUTES_DEFAULTS =
            Libc.function("posix_spawnattr_setsigdefault", Libc.INT, Libc.POINTER, Libc.POINTER);
    private static final MethodHandle SIGFILLSET = Libc.function("sigfillset", Libc.INT, Libc.POINTER);
    private static final MethodHandle EXECVE =
            Libc.function("execve", Libc.INT, Libc.POINTER, Libc.POINTER, Libc.POINTER);
    private static final MethodHandle CHDIR = Libc.function("chdir", Libc.INT, Libc.POINTER);
    private static final MethodHandle CLOSE_RANGE =
            Libc.function("close_range", Libc.INT, Libc.INT, Libc.INT, Libc.INT);
    private static final MethodHandle WAITPID = Libc.function("waitpid", Libc.INT, Libc.INT, Libc.POINTER, Libc.INT);
    private static final MethodHandle WAITID =
            Libc.function("waitid", Libc.INT, Libc.INT, Libc.INT, Libc.POINTER, Libc.INT);
    private static final MethodHandle KILL = Libc.function("kill", Libc.INT, Libc.INT, Libc.INT);

    private static final short SETSIGDEF = 0x04;
    private static final short SETSIGMASK = 0x08;
    private static final short SETSID = 0x80;
    private static final int CLOSE_RANGE_CLOEXEC = 4;
    private static final int P_ALL = 0;
    private static final int WEXITED = 4;
    private static final int WNOWAIT = 0x1000000;
    private static final int SIGQUIT = 3;
    private static final int SIGKILL = 9;
    private static final int SI_PID = 16; // offset in siginfo_t of 64-bit Linux
    private static final int SIGINFO_ROOM = 128;

    /// What a shell says of a command that it cannot execute.
    private static final int EXECVE_FAILED = 126;

    // larger than the types of any glibc: 336 and 80 bytes on 64-bit machines, a signal set is 128
    private static final int STRUCT_ROOM = 512;

    private Processes() {}

    /// Starts a program and returns its pid. Signal mask and dispositions are the default ones in it.
    public static int spawn(Program program) throws OsException {
        return spawn(program, (short) 0);
    }

    /// As [#spawn], in a session of its own: without a terminal, and not reached by what is typed at ours.
    public static int spawnApart(Program program) throws OsException {
        return spawn(program, SETSID);
    }

    private static int spawn(Program program, short flags) throws OsException {
        List<Descriptor> safe = outOfTheWay(program.descriptors());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment actions = arena.allocate(STRUCT_ROOM, 16);
            MemorySegment attributes = arena.allocate(STRUCT_ROOM, 16);
            step("posix_spawn_file_actions_init", errno -> (int) ACTIONS_INIT.invokeExact(errno, actions));
            step("posix_spawnattr_init", errno -> (int) ATTRIBUTES_INIT.invokeExact(errno, attributes));
            try {
                addActions(arena, actions, program, safe);
                setAttributes(arena, attributes, flags);
                return spawn(arena, program, actions, attributes);
            } finally {
                step("posix_spawn_file_actions_destroy", errno -> (int) ACTIONS_DESTROY.invokeExact(errno, actions));
                step("posix_spawnattr_destroy", errno -> (int) ATTRIBUTES_DESTROY.invokeExact(errno, attributes));
            }
        } finally {
            for (Descriptor copy : safe) {
                copy.close();
            }
        }
    }

    /// Becomes another program: same pid, and nothing of this one is left. Returns only by throwing, if the program
    /// cannot be executed or the directory entered.
    ///
    /// Descriptor 3 is usually the JVM's own file of classes. Once another is duplicated over it no class can be
    /// loaded, so all that the last calls need is made and linked before the first of them; should the last one fail
    /// nevertheless, this process ends.
    public static void become(Program program) throws OsException {
        int[] sources =
                outOfTheWay(program.descriptors()).stream().mapToInt(Descriptor::number).toArray();
        enter(program);
        Libc.call("execve " + program.path(), (arena, errno) -> {
            MemorySegment path = arena.allocateFrom(program.path().toString());
            MemorySegment argv = program.argv(arena);
            MemorySegment envp = program.envp(arena);
            // each fails without an effect, and is linked by that
            replace(errno, arena.allocateFrom(""), argv, envp, new int[] {-1}, -1);
            int result = replace(errno, path, argv, envp, sources, 0);
            Runtime.getRuntime().halt(EXECVE_FAILED);
            return result;
        });
    }

    /// Becomes another program as [#become] does, but with the program's descriptors under the numbers that they have
    /// here, beside standard input, output and error. Signals are held for it ([HeldSignals]). If the program cannot be
    /// executed this one goes on, in the program's directory; and so it does if it is not the moment.
    ///
    /// @param isMoment asked last of all
    public static void becomeHolding(Program program, BooleanSupplier isMoment) throws OsException {
        Libc.call("close_range", (_, errno) -> (int) CLOSE_RANGE.invokeExact(errno, 3, -1, CLOSE_RANGE_CLOEXEC));
        enter(program);
        try {
            for (Descriptor descriptor : program.descriptors()) {
                descriptor.inherit(true);
            }
            Libc.call("execve " + program.path(), (arena, errno) -> {
                MemorySegment path = arena.allocateFrom(program.path().toString());
                MemorySegment argv = program.argv(arena);
                MemorySegment envp = program.envp(arena);
                // fails without an effect, and is linked by that: what follows takes no time
                int result = (int) EXECVE.invokeExact(errno, arena.allocateFrom(""), argv, envp);
                HeldSignals.prepare();
                return isMoment.getAsBoolean() ? executeHolding(errno, path, argv, envp) : 0;
            });
        } finally {
            for (Descriptor descriptor : program.descriptors()) {
                descriptor.inherit(false);
            }
        }
    }

    /// Returns only if that fails.
    private static int executeHolding(MemorySegment errno, MemorySegment path, MemorySegment argv, MemorySegment envp)
            throws Throwable {
        HeldSignals held = HeldSignals.hold();
        int result = (int) EXECVE.invokeExact(errno, path, argv, envp);
        held.release();
        return result;
    }

    private static void enter(Program program) throws OsException {
        Libc.call("chdir " + program.directory(), (arena, errno) ->
                (int) CHDIR.invokeExact(errno, arena.allocateFrom(program.directory().toString())));
    }

    /// The point of no return of [#become].
    ///
    /// @param firstTarget the number of the first descriptor in the program
    private static int replace(MemorySegment errno, MemorySegment path, MemorySegment argv, MemorySegment envp,
            int[] sources, int firstTarget) throws Throwable {
        int first = firstTarget < 0 ? Integer.MAX_VALUE : 3;
        int result = (int) CLOSE_RANGE.invokeExact(errno, first, -1, CLOSE_RANGE_CLOEXEC);
        for (int i = 0; i < sources.length; i++) {
            result = (int) Descriptor.DUP3.invokeExact(errno, sources[i], firstTarget + i, 0);
        }
        return (int) EXECVE.invokeExact(errno, path, argv, envp);
    }

    /// Waits for any child to end, ours or one that we inherited as PID 1, and returns its pid. It is not reaped, so
    /// its pid cannot become another's before [#reap]. Empty if there is no child. Blocks; for platform threads only.
    public static OptionalInt awaitEnd() throws OsException {
        int[] pid = new int[1];
        while (true) {
            try {
                Libc.call("waitid", (arena, errno) -> {
                    MemorySegment information = arena.allocate(SIGINFO_ROOM, 8);
                    int result = (int) WAITID.invokeExact(errno, P_ALL, 0, information, WEXITED | WNOWAIT);
                    pid[0] = information.get(ValueLayout.JAVA_INT, SI_PID);
                    return result;
                });
                return OptionalInt.of(pid[0]);
            } catch (OsException e) {
                if (e.errno() == OsException.ECHILD) {
                    return OptionalInt.empty();
                }
                if (e.errno() != OsException.EINTR) {
                    throw e;
                }
            }
        }
    }

    /// How a child that has ended did so. From then on its pid may be another's.
    public static ExitStatus reap(int pid) throws OsException {
        int[] status = new int[1];
        Libc.call("waitpid", (arena, errno) -> {
            MemorySegment word = arena.allocate(4);
            int result = (int) WAITPID.invokeExact(errno, pid, word, 0);
            status[0] = word.get(ValueLayout.JAVA_INT, 0);
            return result;
        });
        return ExitStatus.ofWaitStatus(status[0]);
    }

    /// Sends SIGKILL to a child that has not been reaped.
    public static void kill(int pid) throws OsException {
        signal(pid, SIGKILL);
    }

    /// Sends SIGQUIT to a child that has not been reaped. A JVM prints what its threads are doing, and goes on.
    public static void quit(int pid) throws OsException {
        signal(pid, SIGQUIT);
    }

    private static void signal(int pid, int signal) throws OsException {
        if (pid <= 0) {
            throw new IllegalArgumentException("not the pid of a child: " + pid); // 0 and below are process groups
        }
        Libc.call("kill", (_, errno) -> (int) KILL.invokeExact(errno, pid, signal));
    }

    private static int spawn(Arena outer, Program program, MemorySegment actions, MemorySegment attributes)
            throws OsException {
        MemorySegment pid = outer.allocate(4, 4);
        Libc.callReturningError("posix_spawn " + program.path(), (arena, errno) -> (int) SPAWN.invokeExact(
                errno, pid, arena.allocateFrom(program.path().toString()), actions, attributes,
                program.argv(arena), program.envp(arena)));
        return pid.get(ValueLayout.JAVA_INT, 0);
    }

    private static void addActions(Arena arena, MemorySegment actions, Program program, List<Descriptor> descriptors)
            throws OsException {
        for (int i = 0; i < descriptors.size(); i++) {
            int source = descriptors.get(i).number();
            int target = i;
            step("posix_spawn_file_actions_adddup2",
                    errno -> (int) ACTIONS_DUP2.invokeExact(errno, actions, source, target));
        }
        step("posix_spawn_file_actions_addclosefrom_np",
                errno -> (int) ACTIONS_CLOSEFROM.invokeExact(errno, actions, descriptors.size()));
        MemorySegment directory = arena.allocateFrom(program.directory().toString());
        step("posix_spawn_file_actions_addchdir_np",
                errno -> (int) ACTIONS_CHDIR.invokeExact(errno, actions, directory));
    }

    private static void setAttributes(Arena arena, MemorySegment attributes, short more) throws OsException {
        MemorySegment none = arena.allocate(STRUCT_ROOM, 16);
        MemorySegment all = arena.allocate(STRUCT_ROOM, 16);
        step("sigfillset", errno -> (int) SIGFILLSET.invokeExact(errno, all));
        step("posix_spawnattr_setsigmask", errno -> (int) ATTRIBUTES_MASK.invokeExact(errno, attributes, none));
        step("posix_spawnattr_setsigdefault", errno -> (int) ATTRIBUTES_DEFAULTS.invokeExact(errno, attributes, all));
        step("posix_spawnattr_setflags",
                errno -> (int) ATTRIBUTES_FLAGS.invokeExact(errno, attributes, (short) (SETSIGDEF | SETSIGMASK | more)));
    }

    /// Copies with numbers above all targets, so that no `dup2` overwrites the source of a later one.
    private static List<Descriptor> outOfTheWay(List<Descriptor> descriptors) throws OsException {
        List<Descriptor> copies = new ArrayList<>();
        try {
            for (Descriptor descriptor : descriptors) {
                copies.add(descriptor.duplicate(descriptors.size()));
            }
            return copies;
        } catch (OsException e) {
            for (Descriptor copy : copies) {
                copy.close();
            }
            throw e;
        }
    }

    private interface Step {
        int run(MemorySegment errno) throws Throwable;
    }

    private static void step(String name, Step step) throws OsException {
        Libc.callReturningError(name, (_, errno) -> step.run(errno));
    }
}
