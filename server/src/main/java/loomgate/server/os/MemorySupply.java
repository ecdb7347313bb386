package loomgate.server.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The memory that there is: the machine's, and the most of it that the control group of this process may use.
///
/// @param machine bytes
/// @param cgroup  bytes; empty if no control group has a limit below the machine's memory
public record MemorySupply(long machine, OptionalLong cgroup) {

    private static final Pattern TOTAL = Pattern.compile("^MemTotal:\\s+(\\d+) kB$", Pattern.MULTILINE);

    public MemorySupply {
        cgroup = cgroup.isPresent() && cgroup.getAsLong() < machine ? cgroup : OptionalLong.empty();
    }

    /// The most that all processes of this server can have together.
    public long most() {
        return cgroup.orElse(machine);
    }

    /// That of this process.
    public static MemorySupply here() throws IOException {
        return in(Path.of("/"));
    }

    /// What the files `proc/meminfo`, `proc/self/cgroup` and `sys/fs/cgroup` below a folder say.
    static MemorySupply in(Path root) throws IOException {
        Matcher total = TOTAL.matcher(Files.readString(root.resolve("proc/meminfo")));
        if (!total.find()) {
            throw new IOException("/proc/meminfo has no MemTotal");
        }
        return new MemorySupply(Long.parseLong(total.group(1)) * 1024, smallestLimit(root));
    }

    /// Both versions of control groups may be mounted at once, and only one of them has the memory controller.
    private static OptionalLong smallestLimit(Path root) throws IOException {
        Path file = root.resolve("proc/self/cgroup");
        if (!Files.isReadable(file)) {
            return OptionalLong.empty();
        }
        Path mounts = root.resolve("sys/fs/cgroup");
        long smallest = Long.MAX_VALUE;
        for (String line : Files.readAllLines(file)) {
            String[] parts = line.split(":", 3); // number, controllers, path
            if (parts.length == 3 && parts[1].isEmpty()) {
                smallest = Math.min(smallest, smallestUpwards(mounts, parts[2], "memory.max"));
                smallest = Math.min(smallest, smallestUpwards(mounts.resolve("unified"), parts[2], "memory.max"));
            } else if (parts.length == 3 && parts[1].matches("(.*,)?memory(,.*)?")) {
                smallest = Math.min(
                        smallest, smallestUpwards(mounts.resolve("memory"), parts[2], "memory.limit_in_bytes"));
            }
        }
        return smallest == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(smallest);
    }

    /// The least of a group and of all above it. In a container the mount may begin at the group itself, and the path
    /// is the one outside: then the mount's own limit is what there is to read.
    private static long smallestUpwards(Path mount, String group, String name) throws IOException {
        Path folder = mount.resolve(group.substring(1)).normalize();
        if (!folder.startsWith(mount) || !Files.isDirectory(folder)) {
            folder = mount;
        }
        long smallest = Long.MAX_VALUE;
        for (; folder.startsWith(mount); folder = folder.getParent()) {
            smallest = Math.min(smallest, limitIn(folder.resolve(name)));
        }
        return smallest;
    }

    /// No limit is `max` in version 2 and, in version 1, a number that no machine reaches.
    private static long limitIn(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            return Long.MAX_VALUE; // the topmost group of version 2 has none
        }
        String text = Files.readString(file).strip();
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : Long.MAX_VALUE;
    }
}
