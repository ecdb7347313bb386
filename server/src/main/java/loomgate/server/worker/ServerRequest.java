package loomgate.server.worker;

import java.io.InputStream;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import loomgate.api.Headers;
import loomgate.api.Request;
import loomgate.server.worker.harakiri.RunningRequest;

/// A request as the application sees it: what the codec read, and what the worker knows.
record ServerRequest(RunningRequest running, InputStream body, Phase.Current phase) implements Request {

    @Override
    public String method() {
        return running.head().method();
    }

    @Override
    public String uri() {
        return running.head().uri();
    }

    @Override
    public String path() {
        return running.head().path();
    }

    @Override
    public String query() {
        return running.head().query();
    }

    @Override
    public String protocol() {
        return running.head().protocol();
    }

    @Override
    public Headers headers() {
        return running.head().headers();
    }

    @Override
    public Map<String, String> variables() {
        return running.head().variables();
    }

    @Override
    public String remoteAddress() {
        return running.head().remoteAddress();
    }

    @Override
    public long contentLength() {
        return running.head().contentLength();
    }

    @Override
    public Optional<Duration> timeLeft() {
        return Stream.of(running.timeLeft(), phase.get().timeLeft()).flatMap(Optional::stream)
                .min(Comparator.naturalOrder());
    }

    @Override
    public Optional<Duration> extendTimeLeft(Duration needed) {
        running.extend(needed);
        return timeLeft();
    }

    @Override
    public boolean isCancelled() {
        return running.isCancelled() || phase.get().timeLeft().filter(Duration::isZero).isPresent();
    }
}
