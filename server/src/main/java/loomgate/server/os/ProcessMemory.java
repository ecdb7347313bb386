package loomgate.server.os;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// How much memory a process has, as the kernel counts it: the first two numbers of `/proc/<pid>/statm`.
///
/// Each read of that file counts anew, so that the numbers are to be had with one read. This process's own cost one
/// call of the kernel, about 1 microsecond on the machine of docs/performance.md; another's cost opening too, 6.
///
/// @param addressSpace bytes of addresses, `reload-on-as`
/// @param resident     bytes in RAM, shared ones included, `reload-on-rss`
public record ProcessMemory(long addressSpace, long resident) {

    private static final int LONGEST = 256; // bytes; seven numbers of at most 20 digits
    private static final int SC_PAGESIZE = 30;
    private static final CFunction SYSCONF = Libc.function("sysconf");
    private static final long PAGE_BYTES = pageBytes();
    private static final Own OWN = new Own();

    /// That of this process. A thread that is interrupted gets an exception.
    public static ProcessMemory ofSelf() throws IOException {
        return OWN.read();
    }

    /// That of a process of any user.
    ///
    /// @throws IOException if there is none, or nothing but its exit status is left of it
    public static ProcessMemory of(long pid) throws IOException {
        byte[] text = new byte[LONGEST];
        int length;
        try (FileInputStream statm = new FileInputStream("/proc/" + pid + "/statm")) {
            length = statm.read(text);
        } catch (FileNotFoundException e) {
            throw new IOException("there is no process " + pid, e);
        }
        ProcessMemory memory = parsed(ByteBuffer.wrap(text, 0, Math.max(0, length)), PAGE_BYTES);
        if (memory.addressSpace == 0) {
            throw new IOException("process " + pid + " has ended");
        }
        return memory;
    }

    static ProcessMemory parsed(ByteBuffer statm, long pageBytes) throws IOException {
        return new ProcessMemory(number(statm) * pageBytes, number(statm) * pageBytes);
    }

    /// The digits up to a space, which is passed over.
    private static long number(ByteBuffer text) throws IOException {
        long number = 0;
        int digits = 0;
        while (text.hasRemaining()) {
            byte b = text.get();
            if (b == ' ' && digits > 0) {
                return number;
            }
            if (b < '0' || b > '9') {
                break;
            }
            number = number * 10 + b - '0';
            digits++;
        }
        throw new IOException("/proc/<pid>/statm does not begin with two numbers");
    }

    private static long pageBytes() {
        try {
            return Libc.call("sysconf", (_, errno) -> SYSCONF.asLong(errno, SC_PAGESIZE));
        } catch (OsException e) {
            throw new IllegalStateException("the size of a page is not known", e);
        }
    }

    /// The file of this process, kept open.
    private static final class Own {

        private final ByteBuffer text = ByteBuffer.allocateDirect(LONGEST);
        private FileChannel statm;

        synchronized ProcessMemory read() throws IOException {
            if (statm == null || !statm.isOpen()) { // an interrupted thread closes what it reads
                statm = FileChannel.open(Path.of("/proc/self/statm"), StandardOpenOption.READ);
            }
            text.clear();
            statm.read(text, 0);
            return parsed(text.flip(), PAGE_BYTES);
        }
    }
}
