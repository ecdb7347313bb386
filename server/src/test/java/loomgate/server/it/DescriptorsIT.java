package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a worker has open, and what programs that its application starts get of it.
@Timeout(60)
class DescriptorsIT {

    private static final String PROBE = "socket = app.sock\nhttp = 127.0.0.1:0\n"
            + "module = loomgate.server.it.app.ProbeApplication\n"
            + "jvm-classpath = " + RunningServer.TEST_CLASSES + "\n";

    @ParameterizedTest
    @ValueSource(strings = {"master = true\n", "master = false\n"})
    void aWorkerHasItsOwnAndNothingOfTheMasters(String master) throws Exception {
        try (RunningServer server = RunningServer.start(PROBE + master)) {
            server.awaitReady(1);
            Client client = Client.uwsgi(server.folder().resolve("app.sock"));
            List<String> open = client.get("/descriptors").body().lines().toList();
            assertTrue(open.contains("0 /dev/null"), open::toString);
            assertTrue(open.stream().anyMatch(line -> line.equals("1 " + server.folder().resolve("log"))),
                    open::toString);
            // two listeners, the control channel, this connection, and the one that NIO keeps to close others
            long sockets = open.stream().filter(line -> line.contains(" socket:")).map(line -> line.split(" ")[1])
                    .distinct().count();
            assertEquals(5, sockets, open::toString);
            List<String> others = open.stream().map(line -> line.substring(line.indexOf(' ') + 1))
                    .filter(target -> !Pattern.matches(
                            "socket:.*|/dev/null|/dev/u?random|anon_inode:.*|.*/log|.*\\.jar|.*/lib/modules"
                                    + "|/proc/\\d+/fd|/proc/\\d+/statm|pipe:.*",
                            target))
                    .toList();
            assertEquals(List.of(), others);

            List<String> child = client.get("/child").body().lines().filter(line -> line.contains("->"))
                    .map(line -> line.replaceFirst(".* (\\d+) -> ", "$1 ")).toList();
            assertEquals(List.of("0", "1", "2", "3"), child.stream().map(line -> line.split(" ")[0]).toList());
            assertTrue(child.getLast().matches("3 /proc/\\d+/fd"), child::toString); // its own view of itself
            assertTrue(child.stream().noneMatch(line -> line.contains("socket:")), child::toString);
            server.succeeded();
        }
    }

    @Test
    void carriersAreTheWorkersShareOfTheCores() throws Exception {
        int processors = Runtime.getRuntime().availableProcessors();
        try (RunningServer server = RunningServer.start(
                PROBE + "processes = " + 2 * processors + "\njvm-opt = -Xmx32m\n")) {
            server.awaitReady(1);
            Client client = Client.uwsgi(server.folder().resolve("app.sock"));
            assertEquals("1\n", client.get("/property?jdk.virtualThreadScheduler.parallelism").body());
            assertEquals("1\n", client.get("/property?jdk.pollerMode").body());
            server.succeeded();
        }
        try (RunningServer server =
                RunningServer.start(PROBE + "jvm-opt = -Djdk.virtualThreadScheduler.parallelism=7\n")) {
            server.awaitReady(1);
            assertEquals("7\n", Client.uwsgi(server.folder().resolve("app.sock"))
                    .get("/property?jdk.virtualThreadScheduler.parallelism").body(), "the operator's word counts");
            server.succeeded();
        }
    }
}
