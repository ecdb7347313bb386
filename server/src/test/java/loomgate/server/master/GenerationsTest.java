package loomgate.server.master;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import loomgate.server.config.ConfigException;
import loomgate.server.config.Configuration;
import loomgate.server.os.Descriptor;
import loomgate.server.os.OpenFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Generations that come and go, and the listeners that they share. With real sockets, and copies of the class path.
@Timeout(60)
class GenerationsTest {

    @TempDir
    private Path folder;

    private final Generations generations = new Generations(true);
    private final List<Descriptor> opened = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        generations.closeListeners();
        generations.deleteCopies();
        for (Descriptor one : opened) {
            one.close();
        }
    }

    @Test
    void whatIsClosedWhenTheServerStopsIsNotClosedAgain() throws Exception {
        int number = prepare("socket=" + at("goes")).listeners().getFirst().socket().number();
        generations.closeListeners();
        occupyNumbersTo(number);
        Path before = OpenFiles.behind(number);
        generations.closeListeners();
        generations.drop(1);
        assertEquals(before, OpenFiles.behind(number));
        assertFalse(Files.exists(at("goes")));
    }

    @Test
    void aGenerationHasItsListenersAlthoughTheOneThatHadThemIsDroppedMeanwhile() throws Exception {
        prepare("socket=" + at("stays"));
        FutureTask<Generation> second = new FutureTask<>(() -> prepare("socket=" + at("stays")));
        Thread.ofPlatform().start(second);
        while (Files.notExists(copies(2)) && !second.isDone()) {
            Thread.onSpinWait();
        }
        generations.drop(1);
        assertEquals(1, second.get().listeners().size());
        assertDoesNotThrow(() -> connect(at("stays")));
    }

    @Test
    void nothingIsLeftOfOneThatCannotListen() throws Exception {
        assertThrows(StartException.class, () ->
                prepare("socket=" + at("first"), "socket=" + at("missing/second")));
        assertEquals(List.of(), generations.all());
        assertEquals(List.of(), generations.listeners());
        assertFalse(Files.exists(copies(1)));
        assertFalse(Files.exists(at("first")));
    }

    private Generation prepare(String... settings) throws ConfigException, StartException, IOException {
        List<String> all = new ArrayList<>(List.of("module=a.B"));
        all.addAll(List.of(settings));
        return generations.prepare(Configuration.ofEffective(all));
    }

    private Path at(String name) {
        return folder.resolve(name);
    }

    private static Path copies(int generation) {
        return Path.of(System.getProperty("java.io.tmpdir"), "loomgate-" + ProcessHandle.current().pid(),
                "generation-" + generation);
    }

    /// Sees to it that no number up to this one is free.
    private void occupyNumbersTo(int number) throws IOException {
        do {
            opened.add(Descriptor.devNull());
        } while (opened.getLast().number() < number);
    }

    private static void connect(Path socket) throws IOException {
        SocketChannel.open(UnixDomainSocketAddress.of(socket)).close();
    }
}
