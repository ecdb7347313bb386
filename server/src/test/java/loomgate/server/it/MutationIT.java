package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import loomgate.server.protocol.CorpusCase;
import loomgate.server.protocol.EscapedText;
import loomgate.server.protocol.Mutations;
import loomgate.server.protocol.uwsgi.UwsgiCorpus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Mutated requests, one after the other on many connections, to a server that has to come to no harm.
@Timeout(3600)
class MutationIT {

    private static final int REQUESTS = Soak.of(20_000, 1_000_000);
    private static final int WARM_UP = Soak.of(10_000, 100_000); // of these
    private static final int SENDERS = 4;
    private static final int GOOD_EVERY = 50; // one request in so many is a good one
    private static final int GOOD_TIMES = 4;
    private static final int SEED = 20_000;

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /// What the memory of a worker may grow by between the warm-up and the end. Its heap cannot: it is touched whole at
    /// the beginning, and too small for what a million requests would leave there. Nor does the optimizing compiler
    /// hide a leak, or look like one: it takes up to 33 MiB, when it sees fit, and is left out.
    private static final long MOST_GROWTH = 4 * 1024 * 1024;

    /// What a client may be told about bytes that are no good request.
    private static final List<Integer> STATUSES = List.of(200, 400, 413, 414, 417, 431, 501, 505);

    private final List<byte[]> httpCases = preferringGood(CorpusCase.in("http").toList(), CorpusCase::bytes);
    private final List<byte[]> uwsgiCases = preferringGood(UwsgiCorpus.cases().toList(), UwsgiCorpus::bytes);
    private final Map<Integer, LongAdder> statuses = new ConcurrentSkipListMap<>(); // 0: an end without an answer
    private final LongAdder good = new LongAdder();

    @Test
    void theServerGoesOnAsIfNothingHadHappened() throws Exception {
        try (RunningServer server = RunningServer.start("""
                http = http.sock
                socket = uwsgi.sock
                listen = 1024
                processes = 2
                module = loomgate.server.it.app.RecordingApplication
                jvm-classpath = %s
                jvm-opt = -Xms64m
                jvm-opt = -Xmx64m
                jvm-opt = -XX:+AlwaysPreTouch
                jvm-opt = -XX:TieredStopAtLevel=1
                disable-logging = true
                """.formatted(RunningServer.TEST_CLASSES)).awaitReady(2)) {
            List<Long> workers = server.workers();
            assertEquals(2, workers.size());
            long began = System.nanoTime();
            send(server, 0, WARM_UP);
            awaitQuiet(server);
            Map<Long, Long> descriptors = ofEach(workers, ProcessFiles::descriptors);
            Map<Long, Long> memory = ofEach(workers, ProcessFiles::residentBytes);
            send(server, WARM_UP, REQUESTS);
            Duration took = Duration.ofNanos(System.nanoTime() - began);

            awaitQuiet(server);
            await().atMost(PATIENCE).untilAsserted(() ->
                    assertEquals(descriptors, ofEach(workers, ProcessFiles::descriptors), "descriptors, by pid"));
            List<Long> growth = workers.stream()
                    .map(pid -> ProcessFiles.residentBytes(pid) - memory.get(pid)).toList();
            System.out.println(REQUESTS + " mutated requests in " + took.toSeconds() + " s: " + statuses
                    + ", between them " + good + " good ones; the workers have grown by "
                    + growth.stream().map(bytes -> bytes / 1024).toList() + " KiB to "
                    + ofEach(workers, pid -> ProcessFiles.residentBytes(pid) / 1024).values()
                    + ", descriptors " + descriptors.values());
            assertEquals(workers, server.workers(), "the workers are those of the beginning");
            assertEquals(2, server.matches("ready after \\d+ ms").size());
            assertEquals(List.of(), server.matches("(?m)^.*\\b(ERROR|fault of the server)\\b.*$").stream()
                    .map(match -> match.group()).limit(3).toList());
            assertTrue(growth.stream().allMatch(bytes -> bytes < MOST_GROWTH), growth::toString);
            server.assertStops();
        }
    }

    /// Cases that are answered with 200 are there several times: most mutations are refused before anything is done
    /// with them.
    private static List<byte[]> preferringGood(List<CorpusCase> cases, Function<CorpusCase, byte[]> bytes) {
        return cases.stream()
                .flatMap(one -> Stream.generate(() -> one)
                        .limit(one.expected().contains("answer: 200") ? GOOD_TIMES : 1))
                .map(bytes).toList();
    }

    private void send(RunningServer server, int from, int to) throws Exception {
        AtomicInteger next = new AtomicInteger(from);
        try (ExecutorService senders = Executors.newFixedThreadPool(SENDERS)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < SENDERS; i++) {
                all.add(senders.submit(() -> {
                    for (int n = next.getAndIncrement(); n < to; n = next.getAndIncrement()) {
                        sendOne(server, n);
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                try {
                    one.get();
                } finally {
                    next.set(to); // one that has failed ends the others too
                }
            }
        }
    }

    /// The n-th request of all, which is always the same.
    private void sendOne(RunningServer server, int n) throws IOException {
        boolean isHttp = n % 2 == 0;
        Path socket = server.folder().resolve(isHttp ? "http.sock" : "uwsgi.sock");
        List<byte[]> cases = isHttp ? httpCases : uwsgiCases;
        Random random = new Random(SEED + n);
        byte[] bytes = Mutations.of(
                cases.get(random.nextInt(cases.size())), cases.get(random.nextInt(cases.size())), random);
        Exchange exchange = Exchange.with(socket, bytes);
        int status = exchange.statuses().stream().filter(one -> one != 100).findFirst().orElse(0);
        if (status != 0 && !STATUSES.contains(status) || exchange.isBroken()) {
            throw new AssertionError("request " + n + " was answered with " + exchange + "\n" + EscapedText.of(bytes));
        }
        statuses.computeIfAbsent(status, _ -> new LongAdder()).increment();
        if (n % GOOD_EVERY < 2) {
            String uri = "/good/" + n;
            Client.Answer answer = (isHttp ? Client.http(socket) : Client.uwsgi(socket)).get(uri);
            assertTrue(answer.isComplete("seen\n") && answer.text().contains("\r\nX-Seen: - GET " + uri + " "),
                    answer::text);
            good.increment();
        }
    }

    /// Waits until the server has no connection of a client any more.
    private static void awaitQuiet(RunningServer server) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
            String names = server.folder().toString();
            try (Stream<String> sockets = Files.lines(Path.of("/proc/net/unix"))) {
                return sockets.filter(line -> line.contains(names) && line.endsWith(".sock")).count() == 2;
            }
        });
    }

    private static Map<Long, Long> ofEach(List<Long> pids, ToLongFunction<Long> figure) {
        Map<Long, Long> figures = new TreeMap<>();
        pids.forEach(pid -> figures.put(pid, figure.applyAsLong(pid)));
        return figures;
    }
}
