package loomgate.server.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import loomgate.server.config.ListenAddress;
import loomgate.server.config.ListenerSettings;
import loomgate.server.os.BoundAddress;
import loomgate.server.os.Descriptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PassedSocketsTest {

    private static final PassedSocket UNIX =
            new PassedSocket(new Descriptor(3), "shop.socket",
                    new BoundAddress.UnixPath(Path.of("/run/shop/app.sock")));
    private static final PassedSocket ABSTRACT =
            new PassedSocket(new Descriptor(4), "shop.socket", new BoundAddress.UnixAbstract("shop"));
    private static final PassedSocket TCP = tcp(5, "web", "127.0.0.1", 8080);
    private static final PassedSocket ALL = tcp(6, "all", "::", 80);

    private static final PassedSockets FOUR = new PassedSockets(List.of(UNIX, ABSTRACT, TCP, ALL));

    private static PassedSocket tcp(int descriptor, String name, String ip, int port) {
        try {
            return new PassedSocket(
                    new Descriptor(descriptor), name, new BoundAddress.Tcp(InetAddress.getByName(ip), port));
        } catch (java.net.UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @CsvSource({"/run/shop/app.sock, 3", "@shop, 4", "127.0.0.1:8080, 5", "systemd:web, 5", ":80, 6", "*:80, 6",
        "0.0.0.0:80, 6", "[::]:80, 6"})
    void aListenerHasTheSocketAtItsAddressOrOfItsName(String address, int descriptor) throws Exception {
        assertEquals(descriptor, FOUR.of(listener(address)).orElseThrow().descriptor().number());
    }

    @ParameterizedTest
    @CsvSource({"/run/shop/other.sock", "@shop2", "127.0.0.1:8081", "127.0.0.2:8080", ":8080", "[::1]:80",
        "127.0.0.1:80", "127.0.0.1:0", "no-such-host.invalid:80"})
    void othersAreBound(String address) throws Exception {
        assertEquals(Optional.empty(), FOUR.of(listener(address)));
    }

    @Test
    void anExactAddressGoesBeforeOneThatIncludesIt() throws Exception {
        PassedSocket four = tcp(7, "four", "0.0.0.0", 80);
        assertEquals(Optional.of(four), new PassedSockets(List.of(ALL, four)).of(listener(":80")));
    }

    @Test
    void aNameThatThereIsNotIsRefusedWithThoseThatThereAre() {
        assertProblem("systemd:shop: systemd passed no socket of that name, but shop.socket (/run/shop/app.sock),"
                + " shop.socket (@shop), web (127.0.0.1:8080), all ([0:0:0:0:0:0:0:0]:80)",
                () -> FOUR.of(listener("systemd:shop")));
        assertProblem("systemd:shop: systemd passed no socket of that name, but none at all: is the socket unit"
                + " started?",
                () -> new PassedSockets(List.of()).of(listener("systemd:shop")));
    }

    @Test
    void aNameThatTwoHaveIsRefused() {
        assertProblem("systemd:shop.socket: systemd passed 2 sockets of that name, shop.socket (/run/shop/app.sock),"
                + " shop.socket (@shop): write their addresses instead",
                () -> FOUR.of(listener("systemd:shop.socket")));
    }

    @Test
    void aSocketThatNobodyServesIsRefused() {
        assertProblem("systemd passed web (127.0.0.1:8080), which no socket or http is for. There are:"
                + " /run/shop/app.sock, @shop, :80, :8080",
                () -> FOUR.requireUseBy(listeners("/run/shop/app.sock", "@shop", ":80", ":8080")));
    }

    @Test
    void aSocketForTwoIsRefused() {
        assertProblem("systemd passed web (127.0.0.1:8080), which 127.0.0.1:8080 and systemd:web are for: keep"
                + " one of them",
                () -> new PassedSockets(List.of(TCP)).requireUseBy(listeners("127.0.0.1:8080", "systemd:web")));
    }

    @Test
    void allThatAreUsedAreRight() throws Exception {
        FOUR.requireUseBy(listeners("systemd:web", ":80", "@shop", "/run/shop/app.sock", "127.0.0.1:3031"));
        new PassedSockets(List.of()).requireUseBy(listeners("127.0.0.1:3031"));
    }

    @Test
    void namesAreThoseOfTheEnvironment() throws Exception {
        assertEquals(List.of("a", "b.socket", ""),
                names("LISTEN_FDS", "3", "LISTEN_PID", "4711", "LISTEN_FDNAMES", "a:b.socket"));
        assertEquals(List.of("a"), names("LISTEN_FDS", "1", "LISTEN_PID", "4711", "LISTEN_FDNAMES", "a:b"));
        assertEquals(List.of("", ""), names("LISTEN_FDS", "2", "LISTEN_PID", "4711"));
        assertEquals(List.of(), names("LISTEN_FDS", "2", "LISTEN_PID", "4712"));
        assertEquals(List.of(), names("LISTEN_FDS", "2"));
        assertEquals(List.of(), names());
        assertTrue(assertThrows(PassedSocketsException.class, () -> names("LISTEN_FDS", "-1", "LISTEN_PID", "4711"))
                .getMessage().contains("LISTEN_FDS = '-1'"));
    }

    private static List<String> names(String... environment) throws PassedSocketsException {
        Map<String, String> map = new java.util.HashMap<>();
        for (int i = 0; i < environment.length; i += 2) {
            map.put(environment[i], environment[i + 1]);
        }
        return PassedSockets.names(map, 4711);
    }

    private static List<ListenerSettings> listeners(String... addresses) {
        return Stream.of(addresses).map(PassedSocketsTest::listener).toList();
    }

    private static ListenerSettings listener(String address) {
        try {
            return new ListenerSettings(ListenerSettings.Kind.HTTP, ListenAddress.of(address, Path.of("/run/shop")),
                    100, OptionalInt.empty(), Optional.empty());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void assertProblem(String message, org.junit.jupiter.api.function.Executable step) {
        assertEquals(message, assertThrows(PassedSocketsException.class, step).getMessage());
    }
}
