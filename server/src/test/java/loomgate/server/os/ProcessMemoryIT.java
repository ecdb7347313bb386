package loomgate.server.os;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Against what the kernel says in words, in `/proc/<pid>/status`.
class ProcessMemoryIT {

    private static final long MEGABYTE = 1024 * 1024;

    @Test
    void ownFiguresAreTheKernels() throws IOException {
        assertClose(status("self", "VmSize"), ProcessMemory.ofSelf().addressSpace());
        assertClose(status("self", "VmRSS"), ProcessMemory.ofSelf().resident());
    }

    @Test
    void figuresOfAnotherProcessAreTheKernels() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "60").start();
        try {
            String pid = Long.toString(sleep.pid());
            Path executable = Path.of("/proc/" + pid + "/exe");
            // not before it runs what it is to run, and has loaded it
            await().until(() -> Files.isSymbolicLink(executable) && Files.readSymbolicLink(executable).endsWith("sleep")
                    && state(pid) == 'S');
            assertEquals(status(pid, "VmSize"), ProcessMemory.of(sleep.pid()).addressSpace());
            assertClose(status(pid, "VmRSS"), ProcessMemory.of(sleep.pid()).resident());
        } finally {
            sleep.destroyForcibly().waitFor();
        }
    }

    private static char state(String pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return stat.charAt(stat.lastIndexOf(')') + 2);
    }

    @Test
    void eachReadingIsNew() throws IOException {
        long before = ProcessMemory.ofSelf().resident();
        try (Arena arena = Arena.ofConfined()) {
            arena.allocate(64 * MEGABYTE).fill((byte) 1);
            assertTrue(ProcessMemory.ofSelf().resident() > before + 32 * MEGABYTE);
        }
    }

    @Test
    void aProcessThatHasEndedHasNone() throws Exception {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();
        assertThrows(IOException.class, () -> ProcessMemory.of(process.pid()));
    }

    @Test
    void anInterruptedThreadDoesNotTakeItFromTheOthers() throws IOException {
        Thread.currentThread().interrupt();
        assertThrows(ClosedByInterruptException.class, ProcessMemory::ofSelf);
        assertTrue(Thread.interrupted());
        assertTrue(ProcessMemory.ofSelf().addressSpace() > 0);
    }

    private static void assertClose(long expected, long actual) {
        assertEquals(expected, actual, 32 * MEGABYTE); // a JVM does not stand still
    }

    private static long status(String pid, String name) throws IOException {
        String text = Files.readString(Path.of("/proc", pid, "status"));
        Matcher line = Pattern.compile(name + ":\\s+(\\d+) kB").matcher(text);
        assertTrue(line.find());
        return Long.parseLong(line.group(1)) * 1024;
    }
}
