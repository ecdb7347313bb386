package loomgate.server.worker;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import loomgate.server.control.EndCause;
import loomgate.server.control.WorkerLabel;
import loomgate.server.log.LogWriter;
import loomgate.server.worker.harakiri.Harakiri;
import loomgate.server.worker.harakiri.RunningRequest;
import loomgate.server.worker.harakiri.StackReport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Notices that the application ends the JVM (`System.exit`), which it does from within a shutdown hook: names who
/// called it, and holds the end up until another worker has taken over and the other requests are answered.
///
/// `Runtime.halt` runs no hook: there the master sees a worker that ended without a word.
final class ExitNotice {

    private static final Logger LOG = LoggerFactory.getLogger(ExitNotice.class);

    private static final long INTERVAL_MILLIS = 200;

    private final WorkerLabel label;
    private final Orders orders;
    private final LogWriter log;
    private final Supplier<Optional<Service>> service;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean isClosing;

    /// @param service empty while the application is being loaded
    ExitNotice(WorkerLabel label, Orders orders, LogWriter log, Supplier<Optional<Service>> service) {
        this.label = label;
        this.log = log;
        this.orders = orders;
        this.service = service;
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("exit-notice").unstarted(this::hold));
    }

    /// The last request has ended: an exit that the application calls from here on has nothing to wait for, and may be
    /// what the worker itself waits for.
    void applicationCloses() {
        isClosing = true;
    }

    /// The worker has ended its service: from here on an exit is its own.
    void release() {
        ended.countDown();
    }

    private void hold() {
        if (isClosing || ended.getCount() == 0 || isEndedBySignal()) {
            return;
        }
        Optional<RunningRequest> request = service.get().flatMap(serving -> exitingRequests(serving).findFirst());
        String caller = request
                .map(running -> Harakiri.described(running) + " at " + StackReport.of(running.thread()).place())
                .or(ExitNotice::exitingThread)
                .orElse("a thread that the application has started");
        orders.askToBeReplaced(EndCause.EXIT_CALLED, caller);
        LOG.error("{}: the application called System.exit: {}", label, caller);
        try {
            log.flush(); // the JVM may end as soon as this returns
            if (orders.isReady()) {
                awaitEnd();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody should interrupt this", e);
        }
    }

    /// Requests that call `System.exit` now hang for ever: they are answered as well.
    private void awaitEnd() throws InterruptedException {
        do {
            service.get().ifPresent(ExitNotice::failExitingRequests);
        } while (!ended.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS));
    }

    private static void failExitingRequests(Service service) {
        exitingRequests(service).filter(request -> !request.isCancelled()).forEach(service.harakiri()::failInstead);
    }

    private static Stream<RunningRequest> exitingRequests(Service service) {
        return service.connections().requests().stream()
                .filter(request -> StackReport.of(request.thread()).isIn("java.lang.Runtime", "exit"));
    }

    private static Optional<String> exitingThread() {
        return platformThreadIn("java.lang.Runtime", "exit")
                .map(thread -> "thread " + thread.getName() + " at " + StackReport.of(thread).place());
    }

    /// TERM before the worker has a handler for it.
    private static boolean isEndedBySignal() {
        return platformThreadIn("java.lang.Terminator$1", "handle").isPresent();
    }

    private static Optional<Thread> platformThreadIn(String type, String method) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> StackReport.of(thread).isIn(type, method))
                .findFirst();
    }
}
