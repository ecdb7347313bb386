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

    private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));

    /// Its number is larger than that of any process.
    private static final Path ABANDONED = TEMPORARY.resolve("loomgate-999999999");

    /// As in a container, where the master has the same number every time.
    private static final Path UNDER_OUR_NUMBER = TEMPORARY.resolve("loomgate-" + ProcessHandle.current().pid());

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
        Process worker = workerWith(copy);
        try {
            PinnedClassPath.deleteAbandoned();
            assertTrue(Files.exists(copy));
        } finally {
            worker.destroyForcibly().waitFor();
        }
        PinnedClassPath.deleteAbandoned();
        assertFalse(Files.exists(ABANDONED));
    }

    @Test
    void copiesOfAMasterThatHadTheNumberOfThisOneAreRemoved() throws Exception {
        Files.createDirectories(UNDER_OUR_NUMBER.resolve("generation-1"));
        PinnedClassPath.deleteAbandoned();
        assertFalse(Files.exists(UNDER_OUR_NUMBER));
    }

    @Test
    void whatWorkersOfThatOneUseIsNotTouched() throws Exception {
        Path jar = Files.writeString(folder.resolve("app.jar"), "new");
        Path copy = Files.createDirectories(UNDER_OUR_NUMBER.resolve("generation-1"));
        Files.writeString(copy.resolve("0-app.jar"), "old");
        Process worker = workerWith(copy);
        try {
            PinnedClassPath.deleteAbandoned();
            PinnedClassPath first = PinnedClassPath.of(1, List.of(jar));
            PinnedClassPath second = PinnedClassPath.of(1, List.of(jar));
            assertEquals("new", Files.readString(first.paths().getFirst()));
            assertEquals("new", Files.readString(second.paths().getFirst()));
            first.delete();
            second.delete();
            assertEquals("old", Files.readString(copy.resolve("0-app.jar")));
        } finally {
            worker.destroyForcibly().waitFor();
        }
    }

    /// What has the class path of a worker on its command line.
    private static Process workerWith(Path copy) throws IOException {
        return new ProcessBuilder("/bin/sh", "-c", "read line", copy.resolve("0-app.jar").toString()).start();
    }
}
