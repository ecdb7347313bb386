package loomgate.server.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import loomgate.server.config.ListenAddress;
import loomgate.server.config.ListenAddress.Tcp;
import loomgate.server.config.ListenAddress.UnixAbstract;
import loomgate.server.config.ListenAddress.UnixPath;
import loomgate.server.config.ListenerSettings;
import loomgate.server.os.Descriptor;
import loomgate.server.os.OpenFiles;
import loomgate.server.os.Sockets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is left of sockets that are not to be, in the file system and among the open descriptors.
class ListenerOpeningTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"address in use", "name in use", "unknown owner", "missing directory"})
    void nothingIsLeftIfOneCannotBeOpened(String why) throws Exception {
        Descriptor used = Sockets.bindAbstract(folder + "/used");
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Set<String> before = OpenFiles.ofThisProcess();
            ListenerSettings wrong = switch (why) {
                case "address in use" -> at(new Tcp("127.0.0.1", other.getLocalPort()), Optional.empty());
                case "name in use" -> at(new UnixAbstract(folder + "/used"), Optional.empty());
                case "unknown owner" -> at(new UnixPath(folder.resolve("wrong")), Optional.of("no-such-user"));
                case "missing directory" -> at(new UnixPath(folder.resolve("missing/wrong")), Optional.empty());
                default -> throw new AssertionError(why);
            };
            assertThrows(StartException.class, () -> open(unixSocket(), wrong));
            assertEquals(Set.of(), OpenFiles.socketsOrIn(folder, before));
            assertFalse(Files.exists(folder.resolve("socket")));
            assertFalse(Files.exists(folder.resolve("wrong")));
        } finally {
            used.close();
        }
    }

    @Test
    void nothingIsLeftOfWhatIsDiscarded() throws Exception {
        Set<String> before = OpenFiles.ofThisProcess();
        ListenerOpening.discardAll(open(unixSocket(), at(new UnixAbstract(folder + "/name"), Optional.empty()),
                at(new Tcp("127.0.0.1", 0), Optional.empty())));
        assertEquals(Set.of(), OpenFiles.socketsOrIn(folder, before));
        assertFalse(Files.exists(folder.resolve("socket")));
    }

    private static List<OpenListener> open(ListenerSettings... settings) throws StartException, IOException {
        return ListenerOpening.openAll(List.of(settings), Duration.ofSeconds(4), Optional.empty());
    }

    private ListenerSettings unixSocket() {
        return at(new UnixPath(folder.resolve("socket")), Optional.empty());
    }

    private static ListenerSettings at(ListenAddress address, Optional<String> owner) {
        return new ListenerSettings(ListenerSettings.Kind.HTTP, address, 10, OptionalInt.empty(), owner);
    }
}
