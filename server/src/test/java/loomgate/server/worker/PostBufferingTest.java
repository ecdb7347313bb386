package loomgate.server.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostBufferingTest {

    @TempDir
    Path folder;

    /// As the end of a worker does, or of the time of its request.
    @Test
    void whoIsInterruptedWhileABodyGoesIntoItsFileHasNoFaultOfTheDisk() throws Exception {
        InputStream body = new InputStream() {
            @Override
            public int read() {
                Thread.currentThread().interrupt();
                return 'x';
            }
        };
        assertThrows(InterruptedException.class, () -> new PostBuffering(4, folder).readWhole(body, 100));
        assertFalse(Thread.interrupted());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(), files.toList());
        }
    }
}
