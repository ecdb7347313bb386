package loomgate.server.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PinnedClassPathTest {

    /// Larger than any process's number.
    private static final Path ABANDONED = Path.of(System.getProperty("java.io.tmpdir"), "loomgate-999999999");

    @TempDir
    Path folder;

    @AfterEach
    void removeWhatIsLeft() {
        PinnedClassPath.deleteAbandoned();
    }

    @Test
    void aCopyStaysAsItWasUntilItIsDeleted() throws Exception {
        Path jar = Files.writeString(folder.resolve("app.jar"), "first");
        PinnedClassPath pinned = PinnedClassPath.of(1, List.of(jar, folder));
        Files.writeString(jar, "second");
        assertEquals("first", Files.readString(pinned.paths().get(0)));
        assertEquals("first", Files.readString(pinned.paths().get(1).resolve("app.jar")));
        pinned.delete();
        assertFalse(Files.exists(pinned.folder()));
        pinned.delete();
    }

    @Test
    void nothingIsLeftOfWhatCannotBeCopiedWhole() throws Exception {
        Path jar = Files.writeString(folder.resolve("app.jar"), "first");
        assertThrows(IOException.class, () -> PinnedClassPath.of(1, List.of(jar, folder.resolve("missing.jar"))));
        PinnedClassPath again = PinnedClassPath.of(1, List.of(jar));
        again.delete();
    }

    @Test
    void copiesOfAMasterThatIsGoneStayWhileAWorkerUsesThem() throws Exception {
        Path copy = Files.createDirectories(ABANDONED.resolve("generation-1"));
        Process worker = new ProcessBuilder("/bin/sh", "-c", "read line", copy.resolve("0-app.jar").toString()).start();
        try {
            PinnedClassPath.deleteAbandoned();
            assertTrue(Files.exists(copy));
        } finally {
            worker.destroyForcibly().waitFor();
        }
        PinnedClassPath.deleteAbandoned();
        assertFalse(Files.exists(ABANDONED));
    }
}
