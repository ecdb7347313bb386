package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/// Processes that end when nobody asked for it.
@Isolated("what it measures takes the machine for itself")
@Timeout(60)
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
            List<FutureTask<Client.Answer>> inFlight = http.start(20, "/sleep?ms=2500");
            http.awaitRunning(20);
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
            assertTrue(took.compareTo(Duration.ofSeconds(5)) < 0, took::toString);

            int lost = 0;
            for (FutureTask<Client.Answer> answer : inFlight) {
                try {
                    Client.Answer given = answer.get(20, TimeUnit.SECONDS);
                    assertTrue(given.isComplete("slept\n") || given.text().isEmpty(), given::text);
                    lost += given.text().isEmpty() ? 1 : 0;
                    assertTrue(given.text().isEmpty() || given.worker() != victim);
                } catch (ExecutionException e) {
                    assertTrue(e.getCause() instanceof IOException, e::toString);
                    lost++;
                }
            }
            assertTrue(lost > 0 && lost < 20, lost + " of 20 requests were lost");
            isOver.set(true);
            int failures = 0;
            for (FutureTask<List<String>> one : load) {
                List<String> own = one.get(20, TimeUnit.SECONDS);
                assertTrue(own.size() <= 1, own::toString); // it was one request at a time
                failures += own.size();
            }
            assertTrue(failures <= 8);
            server.awaitLog("worker \\d gen 1 pid " + victim + " ended: unexpected end, was killed by signal 9", 1);
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
            RunningServer.signal("KILL", server.workers().getFirst());
            String rest = sent.answer().text();
            assertTrue(first.indexOf("\r\nTransfer-Encoding: chunked\r\n") > 0, first::toString);
            assertFalse(rest.endsWith("0\r\n\r\n"), "the answer ends as if it were complete");
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

    @Test
    void aWorkerThatKeepsDyingIsStartedAgainLaterAndLater() throws Exception {
        try (RunningServer server = RunningServer.start("socket = app.sock\n"
                + "module = loomgate.server.it.app.HaltingApplication\n"
                + "jvm-classpath = " + RunningServer.TEST_CLASSES + "\n")) {
            server.awaitLog("keeps dying: the next start is in 400 ms", 1);
            assertEquals(List.of("100", "200", "400"), server.matches("the next start is in (\\d+) ms").stream()
                    .map(match -> match.group(1)).limit(3).toList());
            server.awaitLog("spawned", 5);
            server.awaitLog("exited with status 3 without a word: Runtime.halt by the application", 1);
            List<Duration> pauses = pauses(server);
            for (int i = 1; i <= 3; i++) {
                // the end is logged a little late
                assertTrue(pauses.get(i).toMillis() >= 80 << i - 1, pauses::toString);
            }
            server.signal("TERM");
            int status = server.exitStatus();
            assertTrue(status == 0 || status == 75, () -> "" + status); // it may die once more while it stops
            server.succeeded();
        }
    }

    @Test
    void withoutTheirMasterWorkersAnswerAndEnd() throws Exception {
        try (RunningServer server = RunningServer.start(
                "http = 127.0.0.1:0\nsocket = app.sock\nprocesses = 2\n" + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(2);
            List<Long> workers = server.workers();
            Client uwsgi = Client.uwsgi(server.folder().resolve("app.sock"));
            List<FutureTask<Client.Answer>> answers = new ArrayList<>(uwsgi.start(20, "/sleep?ms=1500"));
            answers.addAll(Client.http(server.port(0)).start(20, "/sleep?ms=1500"));
            uwsgi.awaitRunning(40);
            server.signal("KILL");
            for (FutureTask<Client.Answer> answer : answers) {
                assertTrue(answer.get(20, TimeUnit.SECONDS).isComplete("slept\n"));
            }
            await().atMost(Duration.ofSeconds(5)).until(() -> workers.stream().noneMatch(ProcessFiles::isAlive));
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

    /// Between the end of a worker and the start of the next.
    private static List<Duration> pauses(RunningServer server) {
        List<OffsetDateTime> ends = times(server, "exited with status 3");
        List<OffsetDateTime> starts = times(server, "spawned");
        List<Duration> pauses = new ArrayList<>();
        for (int i = 0; i + 1 < starts.size() && i < ends.size(); i++) {
            pauses.add(Duration.between(ends.get(i), starts.get(i + 1)));
        }
        return pauses;
    }

    private static List<OffsetDateTime> times(RunningServer server, String what) {
        return server.log().lines().filter(line -> line.contains(what))
                .map(line -> OffsetDateTime.parse(line.substring(0, line.indexOf(' ')))).toList();
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
