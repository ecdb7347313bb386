package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/// Workers that are killed, again and again, while requests go on.
@Isolated("what it measures takes the machine for itself")
@Timeout(3600)
class KillsIT {

    private static final int KILLS = Soak.of(6, 500);
    private static final int PER_SECOND = 50;
    private static final int SLEEP_MS = 100;

    /// What may be under way on a worker when it is killed, and wait for it in nginx.
    private static final int MOST_LOST = 2 * PER_SECOND * SLEEP_MS / 1000;

    private static final Duration LONGEST_REPLACEMENT = Duration.ofSeconds(2); // start and all, in full

    /// No request that is lost is left to its client's patience.
    private static final Duration LONGEST_LOSS = Duration.ofSeconds(25);

    /// Somewhere between these readings of the clock a worker was killed.
    private record Kill(long before, long after) {

        boolean concerns(GoodRequests.Outcome outcome) {
            return outcome.wasUnderWayBetween(before, after);
        }
    }

    @Test
    void onlyRequestsOfTheKilledWorkerAreLostAndNothingIsLeftOfIt() throws Exception {
        Random random = new Random(7);
        Path folder = Files.createTempDirectory("loomgate-it");
        Files.writeString(folder.resolve("app.ini"),
                "[uwsgi]\nsocket = app.sock\nchmod-socket = 666\nprocesses = 2\n" + RunningServer.TEST_APPLICATION);
        List<String> command = RunningServer.command("app.ini");
        command.add(1, "-Xmn4m"); // or the master grows by what is only room for new objects
        try (RunningServer server = RunningServer.startCommand(folder, folder, command).awaitReady(2);
                Nginx nginx = Nginx.start("", "include uwsgi_params; uwsgi_pass unix:"
                        + server.folder().resolve("app.sock") + ";");
                GoodRequests good = GoodRequests.start(nginx.uri("/sleep?ms=" + SLEEP_MS), "slept\n", PER_SECOND)) {
            List<Kill> kills = new ArrayList<>();
            List<Duration> replacements = new ArrayList<>();
            long descriptors = ProcessFiles.descriptors(server.pid());
            long residentAtFirst = 0;
            for (int i = 1; i <= KILLS; i++) {
                List<Long> workers = server.workers();
                assertEquals(2, workers.size());
                long victim = workers.get(random.nextInt(2));
                long before = System.nanoTime();
                RunningServer.signal("KILL", victim);
                kills.add(new Kill(before, System.nanoTime()));
                server.awaitReady(2 + i);
                replacements.add(Duration.ofNanos(System.nanoTime() - before));
                LogTimes.assertReplacedAtOnce(server, victim);
                if (i == KILLS / 3) {
                    residentAtFirst = ProcessFiles.residentBytes(server.pid());
                }
                Thread.sleep(1200); // one that has served for a second is no failed start
            }
            good.stop();
            List<GoodRequests.Outcome> lost = good.takeOutcomes().stream().filter(outcome -> !outcome.isGood())
                    .toList();
            replacements.sort(null);
            System.out.println(KILLS + " kills: " + lost.size() + " requests lost, replaced after "
                    + replacements.get(KILLS / 2).toMillis() + " ms (median), " + replacements.getLast().toMillis()
                    + " ms at most");
            for (Kill kill : kills) { // in short, a stall may have piled up any number of them
                long lostThen = lost.stream().filter(kill::concerns).count();
                assertTrue(!Soak.IS_FULL || lostThen <= MOST_LOST, lostThen + " requests were lost at once");
            }
            assertEquals(List.of(), lost.stream().filter(one -> one.took().compareTo(LONGEST_LOSS) > 0).toList());
            assertEquals(List.of(),
                    lost.stream().filter(one -> kills.stream().noneMatch(kill -> kill.concerns(one))).toList(),
                    "lost although nobody was killed");
            assertTrue(!Soak.IS_FULL || replacements.getLast().compareTo(LONGEST_REPLACEMENT) < 0,
                    replacements::toString);
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() ->
                    assertEquals(descriptors, ProcessFiles.descriptors(server.pid())));
            assertEquals(2, server.workers().size());
            long grown = (ProcessFiles.residentBytes(server.pid()) - residentAtFirst) / 1024 / 1024;
            assertTrue(grown < 16, "the master has grown by " + grown + " MB");
            server.assertStops();
        }
    }
}
