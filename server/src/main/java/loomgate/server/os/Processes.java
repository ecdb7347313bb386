package loomgate.server.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/// Starts programs with chosen descriptors, becomes them, signals them, and learns of their ends.
public final class Processes {

    private static final CFunction SPAWN = Libc.function("posix_spawn");
    private static final CFunction ACTIONS_INIT = Libc.function("posix_spawn_file_actions_init");
    private static final CFunction ACTIONS_DESTROY = Libc.function("posix_spawn_file_actions_destroy");
    private static final CFunction ACTIONS_DUP2 = Libc.function("posix_spawn_file_actions_adddup2");
    private static final CFunction ACTIONS_CLOSEFROM = Libc.function("posix_spawn_file_actions_addclosefrom_np");
    private static final CFunction ACTIONS_CHDIR = Libc.function("posix_spawn_file_actions_addchdir_np");
    private static final CFunction ATTRIBUTES_INIT = Libc.function("posix_spawnattr_init");
    private static final CFunction ATTRIBUTES_DESTROY = Libc.function("posix_spawnattr_destroy");
    private static final CFunction ATTRIBUTES_FLAGS = Libc.function("posix_spawnattr_setflags");
    private static final CFunction ATTRIBUTES_MASK = Libc.function("posix_spawnattr_setsigmask");
    private static final CFunction ATTRIBUTES_DEFAULTS = Libc.function("posix_spawnattr_setsigdefault");
    private static final CFunction SIGFILLSET = Libc.function("sigfillset");
    private static final CFunction EXECVE = Libc.function("execve");
    private static final CFunction CHDIR = Libc.function("chdir");
    private static final CFunction CLOSE_RANGE = Libc.function("close_range");
    private static final CFunction WAITPID = Libc.function("waitpid");
    private static final CFunction WAITID = Libc.function("waitid");
    private static final CFunction KILL = Libc.function("kill");

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
            step("posix_spawn_file_actions_init", errno -> ACTIONS_INIT.asInt(errno, actions.address()));
            step("posix_spawnattr_init", errno -> ATTRIBUTES_INIT.asInt(errno, attributes.address()));
            try {
                addActions(arena, actions, program, safe);
                setAttributes(arena, attributes, flags);
                return FileModes.creating(() -> spawn(arena, program, actions, attributes));
            } finally {
                step("posix_spawn_file_actions_destroy", errno -> ACTIONS_DESTROY.asInt(errno, actions.address()));
                step("posix_spawnattr_destroy", errno -> ATTRIBUTES_DESTROY.asInt(errno, attributes.address()));
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
        Libc.call("close_range", (_, errno) -> CLOSE_RANGE.asInt(errno, 3, -1, CLOSE_RANGE_CLOEXEC));
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
                int result = EXECVE.asInt(errno, arena.allocateFrom("").address(), argv.address(), envp.address());
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
        int result = EXECVE.asInt(errno, path.address(), argv.address(), envp.address());
        held.release();
        return result;
    }

    private static void enter(Program program) throws OsException {
        Libc.call("chdir " + program.directory(), (arena, errno) ->
                CHDIR.asInt(errno, arena.allocateFrom(program.directory().toString()).address()));
    }

    /// The point of no return of [#become].
    ///
    /// @param firstTarget the number of the first descriptor in the program
    private static int replace(MemorySegment errno, MemorySegment path, MemorySegment argv, MemorySegment envp,
            int[] sources, int firstTarget) throws Throwable {
        int first = firstTarget < 0 ? Integer.MAX_VALUE : 3;
        int result = CLOSE_RANGE.asInt(errno, first, -1, CLOSE_RANGE_CLOEXEC);
        for (int i = 0; i < sources.length; i++) {
            result = Descriptor.DUP3.asInt(errno, sources[i], firstTarget + i, 0);
        }
        return EXECVE.asInt(errno, path.address(), argv.address(), envp.address());
    }

    /// Waits for any child to end, ours or one that we inherited as PID 1, and returns its pid. It is not reaped, so
    /// its pid cannot become another's before [#reap]. Empty if there is no child. Blocks; for platform threads only.
    public static OptionalInt awaitEnd() throws OsException {
        int[] pid = new int[1];
        while (true) {
            try {
                Libc.call("waitid", (arena, errno) -> {
                    MemorySegment information = arena.allocate(SIGINFO_ROOM, 8);
                    int result = WAITID.asInt(errno, P_ALL, 0, information.address(), WEXITED | WNOWAIT);
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
            int result = WAITPID.asInt(errno, pid, word.address(), 0);
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
        Libc.call("kill", (_, errno) -> KILL.asInt(errno, pid, signal));
    }

    private static int spawn(Arena outer, Program program, MemorySegment actions, MemorySegment attributes)
            throws OsException {
        MemorySegment pid = outer.allocate(4, 4);
        Libc.callReturningError("posix_spawn " + program.path(), (arena, errno) -> SPAWN.asInt(
                errno, pid.address(), arena.allocateFrom(program.path().toString()).address(), actions.address(),
                attributes.address(), program.argv(arena).address(), program.envp(arena).address()));
        return pid.get(ValueLayout.JAVA_INT, 0);
    }

    private static void addActions(Arena arena, MemorySegment actions, Program program, List<Descriptor> descriptors)
            throws OsException {
        for (int i = 0; i < descriptors.size(); i++) {
            int source = descriptors.get(i).number();
            int target = i;
            step("posix_spawn_file_actions_adddup2",
                    errno -> ACTIONS_DUP2.asInt(errno, actions.address(), source, target));
        }
        step("posix_spawn_file_actions_addclosefrom_np",
                errno -> ACTIONS_CLOSEFROM.asInt(errno, actions.address(), descriptors.size()));
        MemorySegment directory = arena.allocateFrom(program.directory().toString());
        step("posix_spawn_file_actions_addchdir_np",
                errno -> ACTIONS_CHDIR.asInt(errno, actions.address(), directory.address()));
    }

    private static void setAttributes(Arena arena, MemorySegment attributes, short more) throws OsException {
        MemorySegment none = arena.allocate(STRUCT_ROOM, 16);
        MemorySegment all = arena.allocate(STRUCT_ROOM, 16);
        step("sigfillset", errno -> SIGFILLSET.asInt(errno, all.address()));
        step("posix_spawnattr_setsigmask", errno -> ATTRIBUTES_MASK.asInt(errno, attributes.address(), none.address()));
        step("posix_spawnattr_setsigdefault",
                errno -> ATTRIBUTES_DEFAULTS.asInt(errno, attributes.address(), all.address()));
        step("posix_spawnattr_setflags",
                errno -> ATTRIBUTES_FLAGS.asInt(errno, attributes.address(), (short) (SETSIGDEF | SETSIGMASK | more)));
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
