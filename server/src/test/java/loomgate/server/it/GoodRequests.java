package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// A steady stream of requests that have done nothing wrong, and what became of each. They are sent when their time has
/// come, whatever became of those before.
final class GoodRequests implements AutoCloseable {

    /// What became of a request.
    ///
    /// @param began   a reading of [System#nanoTime()]
    /// @param problem empty if all is well
    record Outcome(long began, Duration took, String problem) {

        /// Whether it was at some moment between these, which are readings of the same clock.
        boolean wasUnderWayBetween(long from, long to) {
            return to - began >= 0 && from - began <= took.toNanos();
        }

        boolean isGood() {
            return problem.isEmpty();
        }
    }

    /// A request, and the answer that it deserves.
    private record Sample(HttpRequest request, Pattern expected) {}

    private static final int LARGEST_BODY = 64 * 1024;

    private final Supplier<Sample> samples;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ConcurrentLinkedQueue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
    private final ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor();
    private final Thread clock;
    private volatile boolean isOver;

    private GoodRequests(Supplier<Sample> samples, int perSecond) {
        this.samples = samples;
        this.clock = Thread.ofPlatform().daemon().start(() -> send(perSecond));
    }

    /// @param expected matches the body of each answer
    static GoodRequests start(URI uri, String expected, int perSecond) {
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build();
        Sample sample = new Sample(request, Pattern.compile(expected));
        return new GoodRequests(() -> sample, perSecond);
    }

    /// Sends bodies of random size and content, of which the checksum is to come back.
    static GoodRequests startPosting(URI uri, int perSecond) {
        return new GoodRequests(() -> {
            byte[] body = new byte[ThreadLocalRandom.current().nextInt(LARGEST_BODY)];
            ThreadLocalRandom.current().nextBytes(body);
            return new Sample(
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30))
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                    Pattern.compile(checksum(body) + " " + body.length + "\n"));
        }, perSecond);
    }

    private static String checksum(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private void send(int perSecond) {
        long interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
        long next = System.nanoTime();
        while (!isOver) {
            senders.execute(this::sendOne);
            next += interval;
            try {
                TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    private void sendOne() {
        Sample sample = samples.get();
        long before = System.nanoTime();
        String problem;
        try {
            HttpResponse<String> response = client.send(sample.request(), HttpResponse.BodyHandlers.ofString());
            problem = response.statusCode() == 200 && sample.expected().matcher(response.body()).matches() ? ""
                    : response.statusCode() + ": " + response.body();
        } catch (Exception e) {
            problem = e.toString();
        }
        outcomes.add(new Outcome(before, Duration.ofNanos(System.nanoTime() - before), problem));
    }

    /// How many have come back and not been taken.
    int count() {
        return outcomes.size();
    }

    /// What has come back since this was asked last.
    List<Outcome> takeOutcomes() {
        List<Outcome> taken = new ArrayList<>();
        for (Outcome outcome = outcomes.poll(); outcome != null; outcome = outcomes.poll()) {
            taken.add(outcome);
        }
        return taken;
    }

    static Duration slowest(List<Outcome> outcomes) {
        return outcomes.stream().map(Outcome::took).max(Duration::compareTo).orElseThrow();
    }

    static List<String> problems(List<Outcome> outcomes) {
        return outcomes.stream().filter(outcome -> !outcome.isGood()).map(Outcome::problem).toList();
    }

    /// Ends the stream: all must have been answered as they deserve. Returns what the slowest took, which is printed.
    ///
    /// @param during what went on meanwhile
    Duration assertAllGood(String during) throws InterruptedException {
        stop();
        List<Outcome> all = takeOutcomes();
        assertEquals(List.of(), problems(all));
        Duration slowest = slowest(all);
        System.out.println(
                all.size() + " requests during " + during + ", the slowest took " + slowest.toMillis() + " ms");
        return slowest;
    }

    /// Ends the stream and waits for what is under way.
    void stop() throws InterruptedException {
        isOver = true;
        clock.join();
        senders.shutdown();
        senders.awaitTermination(40, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws java.io.IOException {
        isOver = true;
        senders.shutdownNow();
        client.shutdownNow();
    }
}
