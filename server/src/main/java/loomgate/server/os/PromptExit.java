package loomgate.server.os;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// Ends this process as soon as Java is through with its own end: shutdown hooks have run, and what was to be deleted is.
/// HotSpot would go on to wait, 0.3 s at most, for threads that are inside the kernel; and one that waits for connections
/// always is (docs/decisions/0008-prompt-exit.md).
///
/// The end takes its time all the same where the JVM was told to do something that it may do in that time, and where it
/// does not let this class into `jdk.internal.access`.
public final class PromptExit {

    /// Options that have nothing to do at the end: properties, modules, sizes, the choice of a collector, the log.
    private static final Pattern HARMLESS = Pattern.compile("-D.*|--(add|enable)-.*|-X(mx|ms|mn|ss)\\w+|-Xlog(?!:async).*"
            + "|-XX:\\w+=\\d+[kKmMgGtT]?|-XX:[+-]Use\\w+|-XX:\\+AlwaysPreTouch|-XX:AOTCache=.*"
            + "|-XX:\\+(HeapDump|Exit|Crash)OnOutOfMemoryError|-XX:(HeapDumpPath|ErrorFile)=.*");

    /// Variables that give a JVM more of them.
    private static final Set<String> VARIABLES = Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

    private static final int LAST_PLACE = 9; // of java.lang.Shutdown, behind hooks and files to be deleted

    private static final CFunction EXIT = Libc.function("_exit");

    private PromptExit() {}

    /// Has the call of [System#exit] that follows end the process promptly, if that does no harm.
    ///
    /// @param status of that call
    /// @return whether it will
    public static boolean arrange(int status) {
        return isHarmless(options(), System.getenv()) && register(() -> end(status));
    }

    /// @param options of the JVM
    static boolean isHarmless(List<String> options, Map<String, String> environment) {
        return options.stream().allMatch(option -> HARMLESS.matcher(option).matches())
                && VARIABLES.stream().noneMatch(environment::containsKey);
    }

    /// This JVM's, which on our command lines stand before the class path. Of another command line, all words.
    private static List<String> options() {
        try {
            List<String> words = List.of(Files.readString(Path.of("/proc/self/cmdline")).split("\0"));
            int end = words.indexOf("-classpath");
            return words.subList(1, end < 0 ? words.size() : end);
        } catch (IOException e) {
            throw new IllegalStateException("this process cannot read its own command line", e);
        }
    }

    private static boolean register(Runnable last) {
        try {
            Method access = Class.forName("jdk.internal.access.SharedSecrets").getMethod("getJavaLangAccess");
            Class.forName("jdk.internal.access.JavaLangAccess")
                    .getMethod("registerShutdownHook", int.class, boolean.class, Runnable.class)
                    .invoke(access.invoke(null), LAST_PLACE, false, last);
            return true;
        } catch (InvocationTargetException _) {
            return false; // the end has begun, by somebody else
        } catch (ReflectiveOperationException _) {
            return false; // another JDK than those we know, or one that was not asked to let us in
        }
    }

    private static void end(int status) {
        try {
            deletePerformanceData();
            Libc.call("_exit", (_, errno) -> EXIT.asInt(errno, status));
        } catch (IOException | RuntimeException _) {
            // nobody is there to be told; the JVM goes on to end, and deletes it itself
        }
    }

    /// What `jps` finds a JVM by. It is the only file that a JVM has beside those that it was told to write.
    private static void deletePerformanceData() throws IOException {
        String user = System.getProperty("user.name");
        Path folder = Path.of("/tmp", "hsperfdata_" + user);
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) && Files.getOwner(folder).getName().equals(user)) {
            Files.deleteIfExists(folder.resolve(Long.toString(ProcessHandle.current().pid())));
        }
    }
}
