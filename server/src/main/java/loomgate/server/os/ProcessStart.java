package loomgate.server.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/// When a process was started, by which a pid can be told from the same pid of a later process: the 22nd number of
/// `/proc/<pid>/stat`, in ticks since the machine was started.
public final class ProcessStart {

    private static final int STATE = 0; // fields behind the name, which is the second of all
    private static final int START_TIME = 19;

    private ProcessStart() {}

    /// Empty if there is no such process, or nothing but its exit status is left of it.
    public static OptionalLong of(long pid) {
        try {
            return parsed(Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1));
        } catch (IOException _) {
            return OptionalLong.empty();
        }
    }

    /// The name stands in parentheses and may contain anything, parentheses too.
    static OptionalLong parsed(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        boolean isLeft = fields.length > START_TIME && !fields[STATE].equals("Z") && !fields[STATE].equals("X");
        return isLeft ? OptionalLong.of(Long.parseLong(fields[START_TIME])) : OptionalLong.empty();
    }
}
