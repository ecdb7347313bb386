package loomgate.server.worker;

import java.io.IOException;
import loomgate.server.log.LinePrefix;
import loomgate.server.os.ProcessMemory;

/// The worker's memory as `memory-report` puts it before each line of the request log: as uWSGI does, and the heap,
/// which tells what the application has from what the JVM has.
final class MemoryReport implements LinePrefix {

    private static final long MEGABYTE = 1024 * 1024;

    @Override
    public String text() {
        long committed = Runtime.getRuntime().totalMemory();
        long used = committed - Runtime.getRuntime().freeMemory();
        try {
            return text(ProcessMemory.ofSelf(), used, committed);
        } catch (IOException _) {
            return text(new ProcessMemory(0, 0), used, committed); // as uWSGI says of what it does not know
        }
    }

    static String text(ProcessMemory process, long heapUsed, long heapCommitted) {
        return "{address space usage: " + inBytesAndMegabytes(process.addressSpace())
                + "} {rss usage: " + inBytesAndMegabytes(process.resident())
                + "} {heap usage: " + inBytesAndMegabytes(heapUsed) + " of " + heapCommitted / MEGABYTE + "MB} ";
    }

    private static String inBytesAndMegabytes(long bytes) {
        return bytes + " bytes/" + bytes / MEGABYTE + "MB";
    }
}
