package loomgate.server.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How many files, sockets included, a process may have open at once (`RLIMIT_NOFILE`).
public final class OpenFileLimit {

    /// Name, soft limit, hard limit, unit (proc(5)).
    private static final Pattern LINE = Pattern.compile("^Max open files\\s+(\\d+|unlimited)\\s", Pattern.MULTILINE);

    private OpenFileLimit() {}

    /// The limit in force. A JVM has raised it as far as it may when it started.
    public static long ofThisProcess() throws IOException {
        return in(Files.readString(Path.of("/proc/self/limits")));
    }

    static long in(String limits) throws IOException {
        Matcher line = LINE.matcher(limits);
        if (!line.find()) {
            throw new IOException("/proc/self/limits has no limit of open files");
        }
        return line.group(1).equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(line.group(1));
    }
}
