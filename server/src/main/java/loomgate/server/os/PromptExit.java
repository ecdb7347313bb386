package loomgate.server.os;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Ends this process as soon as Java is through with its own end: shutdown hooks have run, and what was to be deleted
/// is. HotSpot would go on to wait, 0.3 s at most, for threads that are inside the kernel; and one that waits for
/// connections always is (docs/decisions/0008-prompt-exit.md).
///
/// The end takes its time all the same where the JVM was told to do something that it may do in that time, and where it
/// does not let this class into `jdk.internal.access`.
public final class PromptExit {

    /// Options that have nothing to do at the end: properties, modules, sizes, the choice of a collector, logs of which
    /// nothing is written then (of `gc+heap+exit` it is, and so of what a wildcard stands for).
    private static final Pattern HARMLESS = Pattern.compile(String.join("|",
            "-D.*", "-ea", "-esa", "-server", "-Xshare:auto",
            "--(add|enable)-.*", "[\\w.]+/[\\w.]+=[\\w.,-]+", // what may stand behind such an option
            "-X(mx|ms|mn|ss)\\w+",
            "-Xlog:(?!.*exit)(gc(\\+[a-z]+)*|safepoint|vmoperation|class\\+(un)?load)(=[a-z]+)?(:.*)?",
            "-XX:\\w+=\\d+(\\.\\d+)?[kKmMgGtT]?",
            "-XX:[+-]Use\\w+",
            "-XX:\\+AlwaysPreTouch",
            "-XX:AOTCache=.*",
            "-XX:\\+(HeapDump|Exit|Crash)OnOutOfMemoryError",
            "-XX:(HeapDumpPath|ErrorFile)=.*"));

    /// Variables that bring more of them, or native code that may have something to do at the end.
    private static final Set<String> VARIABLES =
            Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "LD_PRELOAD");

    private static final int LAST_PLACE = 9; // of java.lang.Shutdown, behind hooks and files to be deleted

    private static final Duration LONGEST_FLUSH = Duration.ofMillis(100);

    private static final Path TEMPORARY = Path.of("/tmp"); // HotSpot's, whatever java.io.tmpdir is
    private static final String PERFORMANCE_DATA = TEMPORARY + "/hsperfdata_";

    private static final CFunction FFLUSH = Libc.function("fflush");
    private static final CFunction EXIT = Libc.function("_exit");

    private PromptExit() {}

    /// Has the call of [System#exit] that follows end the process promptly, if that does no harm and can be done: by a
    /// process that is short of memory or descriptors, perhaps not.
    ///
    /// @param status of that call
    public static void arrange(int status) {
        try {
            if (isHarmless(options(), System.getenv())) {
                register(() -> end(status));
            }
        } catch (IOException | RuntimeException | Error _) {
            // then the end takes its time, which is no fault of anything that this process has to do
        }
    }

    /// @param options of the JVM
    static boolean isHarmless(List<String> options, Map<String, String> environment) {
        return options.stream().allMatch(option -> HARMLESS.matcher(option).matches())
                && VARIABLES.stream().noneMatch(environment::containsKey);
    }

    /// This JVM's, which on our command lines stand before the class path. Of another command line, all words.
    private static List<String> options() throws IOException {
        List<String> words = List.of(Files.readString(Path.of("/proc/self/cmdline")).split("\0"));
        int end = words.indexOf("-classpath");
        return words.subList(1, end < 0 ? words.size() : end);
    }

    private static void register(Runnable last) {
        try {
            Method access = Class.forName("jdk.internal.access.SharedSecrets").getMethod("getJavaLangAccess");
            Class.forName("jdk.internal.access.JavaLangAccess")
                    .getMethod("registerShutdownHook", int.class, boolean.class, Runnable.class)
                    .invoke(access.invoke(null), LAST_PLACE, false, last);
        } catch (InvocationTargetException _) {
            // the end has begun, by somebody else
        } catch (ReflectiveOperationException _) {
            // another JDK than those we know, or one that was not asked to let us in
        }
    }

    private static void end(int status) {
        try {
            if (Files.exists(TEMPORARY.resolve(".java_pid" + ProcessHandle.current().pid()))) {
                return; // `jcmd` was here, and may have loaded an agent; besides, HotSpot deletes this
            }
            deletePerformanceData();
            flush();
            Libc.call("_exit", (_, errno) -> EXIT.asInt(errno, status));
        } catch (IOException | InterruptedException | RuntimeException | Error _) {
            // nobody is there to be told; the JVM goes on to end
        }
    }

    /// The streams of C, should native code have any. A thread of such code may keep one locked for ever.
    private static void flush() throws InterruptedException {
        Thread flushing = Thread.ofPlatform().daemon().start(() -> {
            try {
                Libc.call("fflush", (_, errno) -> FFLUSH.asInt(errno, 0));
            } catch (OsException _) {
                // a full disk, which C's own exit would not tell of either
            }
        });
        flushing.join(LONGEST_FLUSH);
    }

    /// What `jps` finds a JVM by. A file of our name is another's, in another container with the same `/tmp`, unless
    /// this JVM has it in its memory.
    private static void deletePerformanceData() throws IOException {
        String name = "/" + ProcessHandle.current().pid();
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            List<String> mapped = maps.filter(line -> line.contains(PERFORMANCE_DATA) && line.endsWith(name))
                    .map(line -> line.substring(line.indexOf(PERFORMANCE_DATA))).toList();
            for (String path : mapped) {
                Files.deleteIfExists(Path.of(path));
            }
        }
    }
}
