package loomgate.server.worker;

import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import loomgate.api.Headers;
import loomgate.api.Request;
import loomgate.server.protocol.RequestHead;

/// A request as the application sees it: what the codec read, and what the worker knows.
record ServerRequest(RequestHead head, InputStream body, Phase.Current phase) implements Request {

    @Override
    public String method() {
        return head.method();
    }

    @Override
    public String uri() {
        return head.uri();
    }

    @Override
    public String path() {
        return head.path();
    }

    @Override
    public String query() {
        return head.query();
    }

    @Override
    public String protocol() {
        return head.protocol();
    }

    @Override
    public Headers headers() {
        return head.headers();
    }

    @Override
    public Map<String, String> variables() {
        return head.variables();
    }

    @Override
    public String remoteAddress() {
        return head.remoteAddress();
    }

    @Override
    public long contentLength() {
        return head.contentLength();
    }

    @Override
    public Optional<Duration> timeLeft() {
        return phase.get().timeLeft();
    }

    @Override
    public Optional<Duration> extendTimeLeft(Duration needed) {
        return timeLeft();
    }

    @Override
    public boolean isCancelled() {
        return timeLeft().filter(Duration::isZero).isPresent();
    }
}
