package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.MatchResult;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/// Processes that end when nobody asked for it.
@Isolated("what it measures takes the machine for itself")
@Timeout(180)
class LossIT {

    /// Each costs twice the delay of the one before.
    private static final int KILLS = 4;

    @Test
    void aKilledWorkerTakesNoRequestsButItsOwnWithIt() throws Exception {
        try (RunningServer server = RunningServer.start(
                "http = 127.0.0.1:0\nsocket = app.sock\nprocesses = 2\n" + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(2);
            Client http = Client.http(server.port(0));
            Client uwsgi = Client.uwsgi(server.folder().resolve("app.sock"));
            Path go = server.folder().resolve("go");
            List<FutureTask<Client.Answer>> inFlight = new ArrayList<>();
            Map<Long, Integer> running = sendUntilBothHaveSome(http, "/wait?until=" + go, inFlight);
            AtomicBoolean isOver = new AtomicBoolean();
            List<FutureTask<List<String>>> load = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Client client = i % 2 == 0 ? http : uwsgi;
                FutureTask<List<String>> one = new FutureTask<>(() -> failuresUntil(isOver, client));
                Thread.ofVirtual().start(one);
                load.add(one);
            }
            long victim = server.workers().getFirst();
            long before = System.nanoTime();
            RunningServer.signal("KILL", victim);
            server.awaitReady(3);
            Duration took = Duration.ofNanos(System.nanoTime() - before);
            System.out.println("a killed worker was replaced after " + took.toMillis() + " ms");
            assertTrue(!Soak.IS_FULL || took.compareTo(Duration.ofSeconds(5)) < 0, took::toString);
            server.awaitLog("worker \\d gen 1 pid " + victim + " ended: unexpected end, was killed by signal 9", 1);
            LogTimes.assertReplacedAtOnce(server, victim);

            Files.createFile(go);
            int lost = 0;
            for (FutureTask<Client.Answer> answer : inFlight) {
                try {
                    Client.Answer given = answer.get(20, TimeUnit.SECONDS);
                    assertTrue(given.isComplete("waited\n") || given.text().isEmpty(), given::text);
                    lost += given.text().isEmpty() ? 1 : 0;
                    assertTrue(given.text().isEmpty() || given.worker() != victim);
                } catch (ExecutionException e) {
                    assertTrue(e.getCause() instanceof IOException, e::toString);
                    lost++;
                }
            }
            assertEquals(running.get(victim), lost, () -> "of " + running);
            isOver.set(true);
            int failures = 0;
            for (FutureTask<List<String>> one : load) {
                List<String> own = one.get(20, TimeUnit.SECONDS);
                assertTrue(own.size() <= 1, own::toString); // it was one request at a time
                failures += own.size();
            }
            assertTrue(failures <= 8);
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            server.succeeded();
        }
    }

    /// It has no length and no framing: on TCP the kernel ends it with a reset, which nginx does not take for the end.
    @Test
    void aStreamWhoseWorkerIsKilledDoesNotEndAsIfItWereComplete() throws Exception {
        try (RunningServer server = RunningServer.start("socket = 127.0.0.1:0\n" + RunningServer.TEST_APPLICATION)
                .awaitReady(1);
                Nginx nginx = Nginx.start("", "include uwsgi_params; uwsgi_buffering off; uwsgi_pass 127.0.0.1:"
                        + server.port(0) + ";");
                Client.Sent sent = Client.http(nginx.port()).send("/steps?until=" + server.folder().resolve("never"))) {
            StringBuilder first = new StringBuilder();
            while (first.indexOf("one\n") < 0) {
                first.append(sent.some());
            }
            long worker = server.workers().getFirst();
            RunningServer.signal("KILL", worker);
            String rest = sent.answer().text();
            assertTrue(first.indexOf("\r\nTransfer-Encoding: chunked\r\n") > 0, first::toString);
            assertFalse(rest.endsWith("0\r\n\r\n"), "the answer ends as if it were complete");
            server.awaitLog("pid " + worker + " ended: ", 1); // a loss while it stops would be one of the stop
            server.awaitReady(2);
            server.assertStops();
        }
    }

    @Test
    void masterKeepsNothingOpenForWorkersThatAreGone() throws Exception {
        try (RunningServer server = RunningServer.start("socket = app.sock\n" + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(1);
            List<String> before = open(server.pid());
            // while they start, too, which is when something is most easily forgotten
            for (int i = 1; i <= KILLS; i++) {
                await().pollInterval(Duration.ofMillis(5)).until(() -> server.workers().size() == 1);
                RunningServer.signal("KILL", server.workers().getFirst());
                server.awaitLog("was killed by signal 9", i);
            }
            server.awaitReady(2);
            await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertEquals(before.size(),
                    open(server.pid()).size(), () -> before + "\n" + open(server.pid())));
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            server.succeeded();
        }
    }

    /// One that has served for a second because the machine did something else is not counted: it begins anew then.
    @Test
    void aWorkerThatKeepsDyingIsStartedAgainLaterAndLater() throws Exception {
        try (RunningServer server = RunningServer.start("socket = app.sock\n" + RunningServer.UNRULY_APPLICATION)) {
            Client client = Client.uwsgi(server.folder().resolve("app.sock"));
            List<Instant> deaths = new ArrayList<>();
            while (server.matches("keeps dying: the next start is in 400 ms").isEmpty()) {
                server.awaitReady(deaths.size() + 1);
                deaths.add(Instant.now().truncatedTo(ChronoUnit.MILLIS)); // as the log has it
                if (deaths.size() == 1) {
                    halt(client);
                    server.awaitLog("exited with status 3 without a word: Runtime.halt by the application", 1);
                } else { // at once: a first request may take longer than a short life
                    ProcessHandle.of(server.workers().getFirst()).ifPresent(ProcessHandle::destroyForcibly);
                    server.awaitLog("was killed by signal 9", deaths.size() - 1);
                }
            }
            server.awaitReady(deaths.size() + 1);
            List<Integer> delays = delays(server);
            List<Instant> starts = LogTimes.of(server, ": spawned$");
            int longest = 0;
            for (int i = 0; i < deaths.size(); i++) {
                int delay = delays.get(i);
                assertTrue(delay == 0 || i > 0 && delay == Math.max(100, 2 * delays.get(i - 1)), delays::toString);
                Duration pause = Duration.between(deaths.get(i), starts.get(i + 1));
                assertTrue(pause.toMillis() >= delay, () -> pause + " instead of " + delay + " ms");
                longest = Math.max(longest, delay);
            }
            assertTrue(longest >= 400, delays::toString);
            server.assertStops();
        }
    }

    private static void halt(Client client) {
        try {
            client.get("/halt?status=3");
        } catch (IOException _) {
            // there is no time for a proper end
        }
    }

    /// The milliseconds that each start but the first had to wait, by the log.
    private static List<Integer> delays(RunningServer server) {
        List<Integer> delays = new ArrayList<>();
        int next = 0;
        for (MatchResult match : server.matches("the next start is in (\\d+) ms|: spawned\n")) {
            if (match.group(1) == null) {
                delays.add(next);
            }
            next = match.group(1) == null ? 0 : Integer.parseInt(match.group(1));
        }
        return delays.subList(1, delays.size());
    }

    @Test
    void withoutTheirMasterWorkersAnswerAndEnd() throws Exception {
        try (RunningServer server = RunningServer.start(
                "http = 127.0.0.1:0\nsocket = app.sock\nprocesses = 2\n" + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(2);
            List<Long> workers = server.workers();
            Client uwsgi = Client.uwsgi(server.folder().resolve("app.sock"));
            Path go = server.folder().resolve("go");
            List<FutureTask<Client.Answer>> answers = new ArrayList<>(uwsgi.start(20, "/wait?until=" + go));
            answers.addAll(Client.http(server.port(0)).start(20, "/wait?until=" + go));
            uwsgi.awaitRunning(40);
            server.signal("KILL");
            Files.createFile(go);
            for (FutureTask<Client.Answer> answer : answers) {
                assertTrue(answer.get(20, TimeUnit.SECONDS).isComplete("waited\n"));
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> workers.stream().noneMatch(ProcessFiles::isAlive));
            server.succeeded();
        }
    }

    @Test
    void aMasterThatIsKilledWhileWorkersStartLeavesNone() throws Exception {
        try (RunningServer server = RunningServer.start(
                "http = app.sock\nprocesses = 2\n" + RunningServer.TEST_APPLICATION)) {
            server.awaitLog("worker 2 .* spawned", 1);
            List<Long> workers = server.workers();
            server.signal("KILL");
            await().atMost(Duration.ofSeconds(10)).until(() -> workers.stream().noneMatch(ProcessFiles::isAlive));
            assertEquals(0, server.matches(" ERROR ").size(), server::log);
            server.succeeded();
        }
    }

    /// One of two workers may be slower to take connections than the other is to take them all. Returns how many each
    /// worker has.
    private static Map<Long, Integer> sendUntilBothHaveSome(
            Client client, String uri, List<FutureTask<Client.Answer>> answers) throws IOException {
        while (true) {
            answers.addAll(client.start(20, uri));
            Map<Long, Integer> running = client.awaitRunning(answers.size());
            if (running.values().stream().filter(count -> count > 0).count() == 2) {
                return running;
            }
        }
    }

    /// What became of requests that were sent one after the other, if it was not what was expected.
    private static List<String> failuresUntil(AtomicBoolean isOver, Client client) {
        List<String> failures = new ArrayList<>();
        while (!isOver.get()) {
            try {
                Client.Answer answer = client.get("/hello");
                if (!answer.isComplete("hello\n")) {
                    failures.add("incomplete: " + answer.text());
                }
            } catch (IOException e) {
                failures.add(e.toString());
            }
        }
        return failures;
    }

    private static List<String> open(long pid) {
        try (Stream<Path> numbers = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return numbers.map(LossIT::target).sorted().toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException _) {
            return "closed";
        }
    }
}
