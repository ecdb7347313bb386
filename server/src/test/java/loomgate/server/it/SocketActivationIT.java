package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import loomgate.server.os.AbstractSocket;
import loomgate.server.os.DatagramInbox;
import loomgate.server.os.Descriptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The test plays systemd's side, and holds the sockets.
@Timeout(600)
class SocketActivationIT {

    @Test
    void socketsOfAllKindsAreServedAndStay() throws Exception {
        String name = "loomgate-it-held-" + ProcessHandle.current().pid();
        try (HeldSockets held = new HeldSockets()) {
            Path first = held.unix("first.sock", "first");
            Path second = held.unix("second.sock", "shop.socket");
            held.abstractName(name);
            int four = held.tcp("127.0.0.1", "four");
            int six = held.tcp("::1", "six");
            int all = held.tcp("0.0.0.0", "all");
            long inode = inode(first);
            String ini = "processes = 2\nchmod-socket = 600\nsocket = first.sock\nhttp = systemd:shop.socket\n"
                    + "socket = @"
                    + name + "\nhttp = 127.0.0.1:" + four + "\nhttp = [::1]:" + six + "\nhttp = systemd:all\n"
                    + "http = 127.0.0.1:0\nsocket = own.sock\n";
            for (int run = 0; run < 2; run++) {
                try (RunningServer server = held.start(ini)) {
                    server.awaitReady(2);
                    assertTrue(Client.uwsgi(first).get("/hello").isComplete("hello\n"));
                    assertTrue(Client.http(second).get("/hello").isComplete("hello\n"));
                    assertTrue(Client.http(four).get("/hello").isComplete("hello\n"));
                    assertTrue(Client.http(all).get("/hello").isComplete("hello\n"));
                    assertTrue(new Client(new InetSocketAddress("::1", six), Client.Protocol.HTTP)
                            .get("/hello").isComplete("hello\n"));
                    AbstractSocket.connect(name).close();
                    assertTrue(Client.uwsgi(held.folder.resolve("own.sock")).get("/hello").isComplete("hello\n"));
                    assertEquals(6, server.matches("listening for \\w+ on \\S+, opened by systemd\n").size(),
                            server.log());
                    assertDescriptorsAreNotPassedOn(server);

                    server.signal("HUP");
                    server.awaitLog("reload: generation 2 serves with 2 workers", 1);
                    assertTrue(Client.uwsgi(first).get("/hello").isComplete("hello\n"));
                    assertTrue(Client.http(four).get("/hello").isComplete("hello\n"));
                    server.signal("TERM");
                    assertEquals(0, server.exitStatus());
                    server.succeeded();
                }
                assertEquals(inode, inode(first));
                assertEquals("rwxr-xr-x", mode(first));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "processes = 2\n", "master = false\n"})
    void whoConnectsWhileItIsDownWaitsForTheNext(String more) throws Exception {
        try (HeldSockets held = new HeldSockets()) {
            Path path = held.unix("app.sock", "unix");
            int port = held.tcp("127.0.0.1", "tcp");
            String ini = "socket = app.sock\nhttp = 127.0.0.1:" + port + "\n" + more;
            List<Client.Sent> waiting = new ArrayList<>();
            for (int run = 0; run < 2; run++) {
                try (RunningServer server = held.start(ini)) {
                    server.awaitReady(more.contains("2") ? 2 : 1);
                    for (Client.Sent sent : waiting) {
                        assertTrue(sent.answer().isComplete("hello\n"));
                    }
                    waiting.clear();
                    assertTrue(Client.http(port).get("/hello").isComplete("hello\n"));
                    server.signal("TERM");
                    assertEquals(0, server.exitStatus());
                    server.succeeded();
                }
                for (int i = 0; i < 20; i++) {
                    waiting.add(Client.uwsgi(path).send("/hello"));
                    waiting.add(Client.http(port).send("/hello"));
                }
            }
            for (Client.Sent sent : waiting) {
                sent.close();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "http = 127.0.0.1:0                 | web (127.0.0.1:PORT), which no socket or http is for."
                + " There are: 127.0.0.1:0",
        "http = systemd:wob                 | systemd:wob: systemd passed no socket of that name, but web (127",
        "http = systemd:web, socket = :PORT | 127.0.0.1:PORT",
        "http = :1, http = systemd:other    | systemd:other: systemd passed no socket of that name"})
    void whatDoesNotMatchIsRefused(String lines, String message) throws Exception {
        try (HeldSockets held = new HeldSockets()) {
            int port = held.tcp("127.0.0.1", "web");
            String ini = lines.replace(", ", "\n").replace("PORT", "" + port) + "\n";
            try (RunningServer server = held.start(ini)) {
                if (message.equals("127.0.0.1:PORT")) { // all addresses are not that one: it is bound, in vain
                    assertEquals(69, server.exitStatus(), server.log());
                } else {
                    assertEquals(78, server.exitStatus(), server.log());
                    assertTrue(server.log().contains(message.replace("PORT", "" + port)), server.log());
                }
                assertEquals(0, server.matches("spawned|\tat ").size(), server.log());
                server.succeeded();
            }
        }
    }

    @Test
    void whatIsNoListenerIsRefused() throws Exception {
        try (HeldSockets held = new HeldSockets()) {
            held.sockets.add(DatagramInbox.socket(held.folder.resolve("d").toString()));
            held.names.add("d");
            try (RunningServer server = held.start("http = 127.0.0.1:0\n")) {
                assertEquals(78, server.exitStatus());
                assertTrue(server.log().contains("d), on which no connections can be accepted: the socket unit needs"
                        + " ListenStream= and Accept=no"), server.log());
                server.succeeded();
            }
        }
        try (HeldSockets held = new HeldSockets()) {
            held.sockets.add(Descriptor.devNull());
            held.names.add("null");
            try (RunningServer server = held.start("http = 127.0.0.1:0\n")) {
                assertEquals(78, server.exitStatus());
                assertTrue(server.log().contains("systemd passed descriptor 3 (null), which is no socket"),
                        server.log());
                server.succeeded();
            }
        }
    }

    @Test
    void aReloadMayNotLeaveASocketAloneNorChangeItsProtocol() throws Exception {
        try (HeldSockets held = new HeldSockets()) {
            Path path = held.unix("app.sock", "web");
            try (RunningServer server = held.start("socket = app.sock\n")) {
                server.awaitReady(1);
                Path ini = server.folder().resolve("app.ini");
                String good = Files.readString(ini);
                Files.writeString(ini, good.replace("socket = app.sock", "http = 127.0.0.1:0"));
                server.signal("HUP");
                server.awaitLog("reload failed: systemd passed web \\(\\S+app.sock\\), which no socket or http", 1);
                Files.writeString(ini, good.replace("socket = app.sock", "http = app.sock"));
                server.signal("HUP");
                server.awaitLog("reload failed: \\S+app.sock is to speak another protocol, which takes a restart", 1);
                Files.writeString(ini, good.replace("socket = app.sock", "socket = systemd:web"));
                server.signal("HUP");
                server.awaitLog("reload: generation \\d serves with 1 workers", 1);
                assertTrue(Client.uwsgi(path).get("/hello").isComplete("hello\n"));
                server.assertStops();
            }
        }
    }

    /// Those of the workers are their listeners, from 3 on, and none beside.
    private static void assertDescriptorsAreNotPassedOn(RunningServer server) throws IOException {
        for (long worker : server.workers()) {
            try (Stream<Path> open = Files.list(Path.of("/proc/" + worker + "/fd"))) {
                List<String> sockets = new ArrayList<>();
                for (Path descriptor : open.toList()) {
                    int number = Integer.parseInt(descriptor.getFileName().toString());
                    if (number >= 3 && number <= 10) {
                        sockets.add(Files.readSymbolicLink(descriptor).toString().replaceFirst(":.*", ""));
                    }
                }
                assertEquals(8, sockets.stream().filter("socket"::equals).count(), sockets::toString);
            }
        }
    }

    private static long inode(Path path) throws IOException {
        return (long) Files.getAttribute(path, "unix:ino");
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
