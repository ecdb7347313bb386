package loomgate.server.worker;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import loomgate.server.log.LogWriter;
import loomgate.server.log.RequestLine;
import loomgate.server.protocol.Codec;
import loomgate.server.protocol.RequestHead;
import loomgate.server.worker.harakiri.RunningRequest;

/// Counts the requests of this worker as they are answered, and logs each.
final class RequestTally {

    private final Optional<LogWriter> log;
    private final LongConsumer counted;
    private final AtomicLong count = new AtomicLong();

    /// @param log     empty if requests are not to be logged
    /// @param counted is told the number of each; called by whoever answered it, and must not wait
    RequestTally(Optional<LogWriter> log, LongConsumer counted) {
        this.log = log;
        this.counted = counted;
    }

    /// To be called once for each request.
    void answered(RunningRequest request, Codec.Sent sent) {
        long number = count.incrementAndGet();
        if (log.isPresent()) {
            RequestHead head = request.head();
            log.get().add(new RequestLine(number, head.remoteAddress(), head.remoteUser(), head.variableCount(),
                    head.size(), request.startedMillis(), head.method(), head.uri(), sent.bodyBytes(), request.age(),
                    head.protocol(), sent.status(), sent.headers(), sent.headBytes()));
        }
        counted.accept(number);
    }

    /// Requests answered until now.
    long count() {
        return count.get();
    }
}
