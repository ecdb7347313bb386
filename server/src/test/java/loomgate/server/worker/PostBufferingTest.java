package loomgate.server.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
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
        assertThrows(InterruptedException.class,
                () -> new PostBuffering(4, folder, new Semaphore(1)).readWhole(body, 100));
        assertFalse(Thread.interrupted());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(), files.toList());
        }
    }

    @Test
    void moreBodiesThanThereArePlacesForFindNoRoomUntilOneIsClosed() throws Exception {
        PostBuffering buffering = new PostBuffering(4, folder, new Semaphore(2));
        InputStream first = buffering.readWhole(body(), 10);
        InputStream second = buffering.readWhole(body(), -1);
        assertThrows(PostBuffering.NoRoom.class, () -> buffering.readWhole(body(), 10));
        assertEquals(3, buffering.readWhole(new ByteArrayInputStream(new byte[3]), 3).readAllBytes().length);
        first.close();
        first.close(); // gives back one place
        assertEquals(10, buffering.readWhole(body(), 10).readAllBytes().length);
        assertThrows(PostBuffering.NoRoom.class, () -> buffering.readWhole(body(), 10));
        second.close();
    }

    private static InputStream body() {
        return new ByteArrayInputStream(new byte[10]);
    }
}
