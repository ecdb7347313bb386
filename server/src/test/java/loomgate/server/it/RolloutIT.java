package loomgate.server.it;

import static loomgate.server.it.Nginx.KEEPING_ALIVE;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// New releases, new programs and new starts in a row, while requests go on through nginx.
@Isolated("what it measures takes the machine for itself")
@Timeout(1200)
class RolloutIT {

    private static final String UNIX = "uwsgi_pass unix:FOLDER/app.sock";
    private static final String TCP = "uwsgi_pass 127.0.0.1:UWSGI";
    private static final int RATE = Soak.of(25, 100); // a second, of GET and of POST each
    private static final Duration LONGEST_DELAY = Duration.ofSeconds(Soak.of(3, 1));
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /// All ways to meet nginx in full; else one a test, each another.
    private static List<String> ways(String inShort) {
        return Soak.IS_FULL ? List.of(UNIX, TCP, KEEPING_ALIVE) : List.of(inShort);
    }

    static List<String> waysOfReloads() {
        return ways(UNIX);
    }

    static List<String> waysOfUpgrades() {
        return ways(KEEPING_ALIVE);
    }

    static List<String> waysOfStarts() {
        return ways(TCP);
    }

    @ParameterizedTest
    @MethodSource("waysOfReloads")
    void reloadsLoseNothing(String pass) throws Exception {
        int reloads = Soak.of(2, 100);
        try (RunningServer server = ReloadIT.start("processes = 2\n"); Nginx nginx = inFrontOf(server, pass);
                GoodRequests gets = GoodRequests.start(nginx.uri("/hello"), "hello\n", RATE);
                GoodRequests posts = GoodRequests.startPosting(nginx.uri("/checksum"), RATE)) {
            awaitWarm(gets, posts);
            for (int i = 1; i <= reloads; i++) {
                server.signal("HUP");
                server.awaitLog("reload: generation " + (i + 1) + " serves with 2 workers", 1);
            }
            assertPrompt("reloads", LONGEST_DELAY, gets, posts);
            server.awaitLog("worker \\d gen " + reloads + " pid \\d+ ended: reload, exited with status 0", 2);
            assertEquals(2 * reloads, server.matches("ended: reload, exited with status 0").size());
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertEquals(1, ReloadIT.copies(server), "one generation is left"));
            server.assertStops();
            assertFalse(Files.exists(ReloadIT.copiesOf(server)), "and nothing in the end");
        }
    }

    @ParameterizedTest
    @MethodSource("waysOfUpgrades")
    void upgradesLoseNothing(String pass) throws Exception {
        int upgrades = Soak.of(1, 20);
        try (RunningServer server = UpgradeIT.start("processes = 2\npidfile = app.pid\nvacuum = true\n");
                Nginx nginx = inFrontOf(server, pass);
                GoodRequests gets = GoodRequests.start(nginx.uri("/hello"), "hello\n", RATE);
                GoodRequests posts = GoodRequests.startPosting(nginx.uri("/checksum"), RATE)) {
            awaitWarm(gets, posts);
            int descriptors = descriptorsOf(server);
            for (int i = 1; i <= upgrades; i++) {
                UpgradeIT.install(server, "9." + i);
                Operator.Result result = UpgradeIT.upgrade(server, "app.pid");
                assertEquals(0, result.status(), result.output());
                assertTrue(result.output().contains("generation " + (i + 1) + " serves with 2 workers"),
                        result.output());
                assertTrue(Operator.run(server, "status", "app.ini").output().contains("loomgate 9." + i));
                await().atMost(PATIENCE).until(() -> server.workers().size() == 2);
            }
            assertPrompt("upgrades", LONGEST_DELAY, gets, posts);
            await("no descriptor is left over in the master").atMost(PATIENCE)
                    .until(() -> descriptorsOf(server) <= descriptors);
            server.awaitLog("ended: reload, exited with status 0", 2 * upgrades);
            assertEquals(2 * upgrades, server.matches("ended: reload, exited with status 0").size());
            server.assertStops();
        }
    }

    /// The sockets are systemd's. A server that has to be started makes its clients wait.
    @ParameterizedTest
    @MethodSource("waysOfStarts")
    void stopsAndStartsLoseNothing(String pass) throws Exception {
        int cycles = Soak.of(2, 20);
        try (HeldSockets held = new HeldSockets()) {
            held.unix("app.sock", "unix");
            int uwsgi = held.tcp("127.0.0.1", "uwsgi");
            int http = held.tcp("127.0.0.1", "http");
            String ini = "processes = 2\nsocket = app.sock\nsocket = 127.0.0.1:" + uwsgi
                    + "\nhttp = 127.0.0.1:" + http + "\n";
            RunningServer server = held.start(ini).awaitReady(2);
            try (Nginx nginx = Nginx.inFrontOf(pass, held.folder, uwsgi, http);
                    GoodRequests gets = GoodRequests.start(nginx.uri("/hello"), "hello\n", RATE);
                    GoodRequests posts = GoodRequests.startPosting(nginx.uri("/checksum"), RATE)) {
                awaitWarm(gets, posts);
                Duration longestAbsence = Duration.ZERO;
                for (int cycle = 0; cycle < cycles; cycle++) {
                    long left = System.nanoTime();
                    server.assertStops();
                    RunningServer stopped = server;
                    server = held.start(ini);
                    stopped.close();
                    server.awaitReady(2);
                    Duration absence = Duration.ofNanos(System.nanoTime() - left);
                    longestAbsence = absence.compareTo(longestAbsence) > 0 ? absence : longestAbsence;
                }
                // clients wait while nobody is there, and a busy machine takes its time for a start
                assertPrompt("stops and starts",
                        Soak.IS_FULL ? LONGEST_DELAY : longestAbsence.plusSeconds(1), gets, posts);
                server.assertStops();
            } finally {
                server.close();
            }
        }
    }

    /// Until the JVM that sends has done with its own start, whose work would be taken for the server's. How long
    /// requests take until then does not count.
    private static void awaitWarm(GoodRequests... streams) {
        await().atMost(PATIENCE)
                .until(() -> Stream.of(streams).allMatch(stream -> stream.count() > Soak.of(10, 500)));
        for (GoodRequests stream : streams) {
            assertEquals(List.of(), GoodRequests.problems(stream.takeOutcomes()));
        }
    }

    private static void assertPrompt(String during, Duration longest, GoodRequests... streams)
            throws InterruptedException {
        for (GoodRequests stream : streams) {
            Duration slowest = stream.assertAllGood(during);
            assertTrue(slowest.compareTo(longest) < 0, slowest + ", and not less than " + longest);
        }
    }

    private static Nginx inFrontOf(RunningServer server, String pass) throws IOException {
        return Nginx.inFrontOf(pass, server.folder(), server.port(0), server.port(1));
    }

    private static int descriptorsOf(RunningServer server) {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + server.pid() + "/fd"))) {
            return (int) open.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
