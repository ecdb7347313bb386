package loomgate.server.master;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import loomgate.server.config.ListenAddress;
import loomgate.server.config.ListenAddress.Tcp;
import loomgate.server.config.ListenAddress.UnixAbstract;
import loomgate.server.config.ListenAddress.UnixPath;
import loomgate.server.config.ListenerSettings;
import loomgate.server.os.OpenFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who has a listener when, and what happens while others are opened, which takes its time. With real sockets.
class ListenersTest {

    private static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(4);

    @TempDir
    private Path folder;

    private Listeners listeners = listeners(false, () -> {});
    private final List<List<ListenerSettings>> opened = new ArrayList<>();

    /// @param meanwhile runs when sockets have been opened and nobody knows yet
    private Listeners listeners(boolean vacuum, Runnable meanwhile) {
        return new Listeners(vacuum, (settings, socketTimeout) -> {
            opened.add(settings);
            List<OpenListener> open = ListenerOpening.openAll(settings, socketTimeout, Optional.empty());
            meanwhile.run();
            return open;
        });
    }

    @AfterEach
    void close() {
        listeners.closeAll();
    }

    @Test
    void whatIsOpenIsTakenAndTheRestIsOpened() throws Exception {
        List<OpenListener> first = take("a", "b");
        List<OpenListener> second = take("c", "b");
        assertEquals(List.of(settings("a", "b"), settings("c")), opened);
        assertEquals(settings("c", "b"), second.stream().map(OpenListener::settings).toList());
        assertEquals(first.get(1), second.get(1));
        assertEquals(settings("a", "b", "c"), listeners.all().stream().map(OpenListener::settings).toList());
    }

    @Test
    void theLastWhoLetsGoClosesIt() throws Exception {
        List<OpenListener> first = take("a", "b");
        List<OpenListener> second = take("b");
        listeners.letGo(first);
        assertThrows(IOException.class, () -> connect("a"));
        assertDoesNotThrow(() -> connect("b"));
        listeners.letGo(second);
        assertThrows(IOException.class, () -> connect("b"));
        assertEquals(List.of(), listeners.all());
        assertTrue(Files.exists(folder.resolve("b")), "without vacuum");
        take("b");
        assertDoesNotThrow(() -> connect("b"));
    }

    @Test
    void withVacuumTheFileGoesAsWell() throws Exception {
        listeners = listeners(true, () -> {});
        listeners.letGo(take("a"));
        assertFalse(Files.exists(folder.resolve("a")));
    }

    @Test
    void whatIsTakenIsKeptAlthoughTheOtherWhoHadItLetsGoMeanwhile() throws Exception {
        List<OpenListener> others = new ArrayList<>();
        listeners = listeners(true, () -> listeners.letGo(others));
        others.addAll(take("a"));
        List<OpenListener> taken = take("a", "b");
        others.clear();
        assertDoesNotThrow(() -> connect("a"));
        listeners.letGo(taken);
        assertThrows(IOException.class, () -> connect("a"));
    }

    @Test
    void whatFailsTakesNothing() throws Exception {
        listeners = listeners(false, () -> {
            if (opened.size() > 1) {
                throw new OutOfMemoryError("not really");
            }
        });
        List<OpenListener> first = take("a");
        assertThrows(OutOfMemoryError.class, () -> take("a", "b"));
        assertEquals(first, listeners.all());
        listeners.letGo(first);
        assertThrows(IOException.class, () -> connect("a"));
    }

    @Test
    void whenTheServerStopsMeanwhileWhatWasOpenedIsDiscarded() throws Exception {
        listeners = listeners(false, () -> {
            if (opened.size() > 1) {
                listeners.closeAll();
            }
        });
        List<OpenListener> first = take("a");
        StartException refusal = assertThrows(StartException.class, () -> take("a", "b"));
        assertEquals("the server stops", refusal.getMessage());
        assertFalse(Files.exists(folder.resolve("b")));
        assertEquals(first, listeners.all());
        assertThrows(StartException.class, () -> take("c"));
        assertEquals(2, opened.size());
    }

    @Test
    void nothingIsLeftOfWhatNobodyHas() throws Exception {
        take("stays");
        Set<String> before = OpenFiles.ofThisProcess();
        listeners.letGo(listeners.take(List.of(settings("goes").getFirst(), at(new UnixAbstract(folder + "/goes")),
                at(new Tcp("127.0.0.1", 0))), SOCKET_TIMEOUT));
        assertEquals(Set.of(), OpenFiles.socketsOrIn(folder, before));
    }

    @Test
    void portsThatTheKernelChoseAreAllTakenAgain() throws Exception {
        ListenerSettings any = at(new Tcp("127.0.0.1", 0));
        List<OpenListener> first = listeners.take(List.of(any, any), SOCKET_TIMEOUT);
        List<OpenListener> second = listeners.take(List.of(any, any, any), SOCKET_TIMEOUT);
        assertEquals(first, second.subList(0, 2));
        assertEquals(3, listeners.all().size());
    }

    private List<OpenListener> take(String... names) throws StartException, IOException {
        return listeners.take(settings(names), SOCKET_TIMEOUT);
    }

    private List<ListenerSettings> settings(String... names) {
        return Stream.of(names).map(name -> at(new UnixPath(folder.resolve(name)))).toList();
    }

    private static ListenerSettings at(ListenAddress address) {
        return new ListenerSettings(
                ListenerSettings.Kind.HTTP, address, 10, OptionalInt.empty(), Optional.empty());
    }

    private void connect(String name) throws IOException {
        SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve(name))).close();
    }
}
