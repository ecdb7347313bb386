package loomgate.server.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemorySupplyTest {

    private static final long GIGABYTE = 1 << 30;
    private static final String NONE_IN_VERSION_1 = "9223372036854771712\n";

    @TempDir
    Path root;

    @BeforeEach
    void machine() throws IOException {
        file("proc/meminfo", "MemTotal:        8388608 kB\nMemFree:         1000 kB\n");
    }

    @Test
    void machinesMemoryIsThatOfMeminfo() throws IOException {
        assertEquals(new MemorySupply(8 * GIGABYTE, OptionalLong.empty()), MemorySupply.in(root));
    }

    @Test
    void meminfoOfAnotherKindIsRefused() throws IOException {
        file("proc/meminfo", "nothing\n");
        assertThrows(IOException.class, () -> MemorySupply.in(root));
    }

    @Test
    void limitOfVersion2IsThatOfItsOwnGroup() throws IOException {
        file("proc/self/cgroup", "0::/system.slice/loomgate.service\n");
        file("sys/fs/cgroup/system.slice/loomgate.service/memory.max", "1073741824\n");
        assertEquals(OptionalLong.of(GIGABYTE), MemorySupply.in(root).cgroup());
    }

    @Test
    void aGroupAboveMayBeSmaller() throws IOException {
        file("proc/self/cgroup", "0::/a/b/c\n");
        file("sys/fs/cgroup/a/b/c/memory.max", "max\n");
        file("sys/fs/cgroup/a/b/memory.max", "3221225472\n");
        file("sys/fs/cgroup/a/memory.max", "2147483648\n");
        assertEquals(OptionalLong.of(2 * GIGABYTE), MemorySupply.in(root).cgroup());
    }

    @Test
    void groupsBesideAndBelowDoNotCount() throws IOException {
        file("proc/self/cgroup", "0::/a\n");
        file("sys/fs/cgroup/a/memory.max", "2147483648\n");
        file("sys/fs/cgroup/a/b/memory.max", "1073741824\n");
        file("sys/fs/cgroup/c/memory.max", "1073741824\n");
        assertEquals(OptionalLong.of(2 * GIGABYTE), MemorySupply.in(root).cgroup());
    }

    @Test
    void maxIsNoLimit() throws IOException {
        file("proc/self/cgroup", "0::/a\n");
        file("sys/fs/cgroup/a/memory.max", "max\n");
        assertEquals(OptionalLong.empty(), MemorySupply.in(root).cgroup());
    }

    @Test
    void limitOfVersion1IsThatOfTheMemoryController() throws IOException {
        file("proc/self/cgroup", "9:name=systemd:/x\n5:cpu,cpuacct:/y\n4:memory:/z\n0::/\n");
        file("sys/fs/cgroup/memory/z/memory.limit_in_bytes", "1073741824\n");
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", NONE_IN_VERSION_1);
        file("sys/fs/cgroup/unified/cgroup.procs", "1\n");
        assertEquals(OptionalLong.of(GIGABYTE), MemorySupply.in(root).cgroup());
    }

    @Test
    void hugeNumberOfVersion1IsNoLimit() throws IOException {
        file("proc/self/cgroup", "4:memory:/z\n0::/\n");
        file("sys/fs/cgroup/memory/z/memory.limit_in_bytes", NONE_IN_VERSION_1);
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", NONE_IN_VERSION_1);
        assertEquals(OptionalLong.empty(), MemorySupply.in(root).cgroup());
    }

    @Test
    void inAContainerThePathMayBeThatOfTheHost() throws IOException {
        file("proc/self/cgroup", "4:memory:/docker/0123456789abcdef\n");
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824\n");
        assertEquals(OptionalLong.of(GIGABYTE), MemorySupply.in(root).cgroup());
    }

    @Test
    void aPathThatLeadsOutOfTheMountIsNotFollowed() throws IOException {
        file("proc/self/cgroup", "0::/../../other\n");
        file("sys/fs/cgroup/memory.max", "1073741824\n");
        file("sys/other/memory.max", "1\n");
        assertEquals(OptionalLong.of(GIGABYTE), MemorySupply.in(root).cgroup());
    }

    @Test
    void aLimitThatTheMachineCannotReachIsNone() throws IOException {
        file("proc/self/cgroup", "0::/a\n");
        file("sys/fs/cgroup/a/memory.max", Long.toString(8 * GIGABYTE) + "\n");
        assertEquals(OptionalLong.empty(), MemorySupply.in(root).cgroup());
    }

    @Test
    void thisMachineHasMemory() throws IOException {
        assertTrue(MemorySupply.here().machine() > GIGABYTE / 8);
    }

    private void file(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
