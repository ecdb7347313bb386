package loomgate.server.config.ini;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;

/// What magic variables tell about the machine and the user.
public record Machine(String host, int processors, String uid, String user, String gid, String group) {

    /// The machine that this process runs on. Asked of /proc: the JDK has no call for user and group numbers, and its
    /// call for the host's name asks the DNS.
    public static Machine here() {
        Path self = Path.of("/proc/self");
        try {
            PosixFileAttributes posix = Files.readAttributes(self, PosixFileAttributes.class);
            return new Machine(Files.readString(Path.of("/proc/sys/kernel/hostname")).strip(),
                    Runtime.getRuntime().availableProcessors(),
                    Files.getAttribute(self, "unix:uid").toString(), posix.owner().getName(),
                    Files.getAttribute(self, "unix:gid").toString(), posix.group().getName());
        } catch (IOException e) {
            throw new IllegalStateException("cannot read /proc, which every Linux has", e);
        }
    }
}
