package loomgate.server.master;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;
import loomgate.server.master.MasterEvent.MemorySeen;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the kernel once a second how much memory the workers have: one that runs wild may not say so itself.
final class MemorySampler {

    private static final Logger LOG = LoggerFactory.getLogger(MemorySampler.class);

    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final int LINE_ROOM = 256; // bytes; seven numbers
    private static final int VECTOR_ROOM = 4096; // bytes
    private static final long AT_PAGESZ = 6; // getauxval(3)

    private final Set<Integer> pids;
    private final Consumer<MasterEvent> events;

    /// @param pids   of the workers that have not been reaped; others change it meanwhile
    /// @param events gets what is seen; called by the sampler's thread
    MemorySampler(Set<Integer> pids, Consumer<MasterEvent> events) {
        this.pids = pids;
        this.events = events;
    }

    void start() {
        Thread.ofPlatform().name("memory").daemon().start(this::run);
    }

    private void run() {
        try {
            long pageBytes = pageBytes();
            while (true) {
                for (int pid : pids) {
                    sample(pid, pageBytes);
                }
                Thread.sleep(INTERVAL);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            LOG.error("the workers' memory is not watched any more: evil-reload-on-as and evil-reload-on-rss count what"
                    + " workers say themselves", e);
        }
    }

    private void sample(int pid, long pageBytes) {
        try {
            String statm = new String(readOnce("/proc/" + pid + "/statm", LINE_ROOM), StandardCharsets.US_ASCII);
            MemorySeen seen = parse(pid, statm, pageBytes);
            if (seen.resident() > 0) { // it has ended otherwise, and waits to be reaped
                events.accept(seen);
            }
        } catch (IOException e) {
            LOG.debug("the memory of pid {} cannot be read, as when it has just ended", pid, e);
        }
    }

    /// Reads `statm`, proc(5): pages in all, pages that are resident, and more.
    static MemorySeen parse(int pid, String statm, long pageBytes) {
        String[] pages = statm.split(" ");
        return new MemorySeen(pid, Long.parseLong(pages[0]) * pageBytes, Long.parseLong(pages[1]) * pageBytes);
    }

    /// Size of a page, as the kernel told this process when it started it: pairs of a type and a value.
    static long pageBytes() throws IOException {
        ByteBuffer vector = ByteBuffer.wrap(readOnce("/proc/self/auxv", VECTOR_ROOM)).order(ByteOrder.nativeOrder());
        while (vector.remaining() >= 2 * Long.BYTES) {
            long type = vector.getLong();
            long value = vector.getLong();
            if (type == AT_PAGESZ) {
                return value;
            }
        }
        throw new IOException("/proc/self/auxv has no page size");
    }

    /// By one read: files of `/proc` have no length, and may change between two.
    private static byte[] readOnce(String path, int room) throws IOException {
        byte[] buffer = new byte[room];
        try (FileInputStream in = new FileInputStream(path)) {
            int length = in.read(buffer);
            return Arrays.copyOf(buffer, Math.max(0, length));
        }
    }
}
