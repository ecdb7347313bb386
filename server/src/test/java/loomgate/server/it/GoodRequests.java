package loomgate.server.it;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// A steady stream of requests that have done nothing wrong, and what became of each. They are sent when their time has
/// come, whatever became of those before.
final class GoodRequests implements AutoCloseable {

    /// What became of a request.
    ///
    /// @param problem empty if all is well
    record Outcome(Duration took, String problem) {

        boolean isGood() {
            return problem.isEmpty();
        }
    }

    private final HttpRequest request;
    private final String expected;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ConcurrentLinkedQueue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
    private final ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor();
    private final Thread clock;
    private volatile boolean isOver;

    private GoodRequests(URI uri, String expected, int perSecond) {
        this.request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build();
        this.expected = expected;
        this.clock = Thread.ofPlatform().daemon().start(() -> send(perSecond));
    }

    /// @param expected the body of each answer
    static GoodRequests start(URI uri, String expected, int perSecond) {
        return new GoodRequests(uri, expected, perSecond);
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
        long before = System.nanoTime();
        String problem;
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            problem = response.statusCode() == 200 && response.body().equals(expected) ? ""
                    : response.statusCode() + ": " + response.body();
        } catch (Exception e) {
            problem = e.toString();
        }
        outcomes.add(new Outcome(Duration.ofNanos(System.nanoTime() - before), problem));
    }

    /// What has come back since this was asked last.
    List<Outcome> takeOutcomes() {
        List<Outcome> taken = new java.util.ArrayList<>();
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
