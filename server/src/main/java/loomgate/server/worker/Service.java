package loomgate.server.worker;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import loomgate.server.application.Application;
import loomgate.server.application.ApplicationException;
import loomgate.server.config.Configuration;
import loomgate.server.config.DeadlineSettings.Cancellation;
import loomgate.server.config.WorkerSettings;
import loomgate.server.control.EndCause;
import loomgate.server.control.Vitals;
import loomgate.server.control.WorkerLabel;
import loomgate.server.log.LogWriter;
import loomgate.server.os.Descriptor;
import loomgate.server.os.OpenFileLimit;
import loomgate.server.os.PeerState;
import loomgate.server.os.ProcessMemory;
import loomgate.server.protocol.Codec;
import loomgate.server.worker.carrier.CarrierRescue;
import loomgate.server.worker.carrier.CarrierRescue.Occupant;
import loomgate.server.worker.harakiri.Harakiri;
import loomgate.server.worker.harakiri.RunningRequest;
import loomgate.server.worker.harakiri.StackReport;
import loomgate.server.worker.recycling.Heartbeat;
import loomgate.server.worker.recycling.WorkerLimits;
import loomgate.server.worker.transport.DeadlineWatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What serves, put together: listeners and connections, the exchange with the application, and those that guard it.
final class Service {

    private static final Logger LOG = LoggerFactory.getLogger(Service.class);

    private final WorkerLabel label;
    private final WorkerSettings settings;
    private final Vitals fresh;
    private final Harakiri harakiri;
    private final Connections connections;
    private final DeadlineWatch watch;
    private final Heartbeat heartbeat;
    private final List<Listener> listeners = new ArrayList<>();

    Service(WorkerLabel label, Configuration configuration, Application application, Phase.Current phase, Orders orders,
            List<Descriptor> sockets, List<Integer> lasting, LogWriter log) throws IOException {
        this.label = label;
        this.settings = configuration.worker();
        if (settings.memoryReport()) {
            log.prefixRequests(new MemoryReport());
        }
        ProcessMemory memory = ProcessMemory.ofSelf();
        this.fresh = new Vitals(0, memory.addressSpace(), memory.resident());
        WorkerLimits limits = WorkerLimits.of(settings.recycling(), label.worker(), ThreadLocalRandom.current())
                .above(fresh);
        Distress distress = new Distress(orders::askToBeReplaced);
        Recycler recycler = new Recycler(limits, orders, distress);
        RequestTally tally = new RequestTally(
                configuration.log().requests() ? Optional.of(log) : Optional.empty(), recycler::requestAnswered);
        this.harakiri = new Harakiri(settings.deadlines(), label, new HarakiriConsequences(tally, orders));
        PostBuffering buffering = PostBuffering.of(settings.bodies(),
                settings.bodiesInFilesWithin(OpenFileLimit.ofThisProcess()));
        try {
            buffering.tryOut();
        } catch (PostBuffering.NoRoom e) { // no reason not to start: it may pass, and not all requests have a body
            LOG.error("{}: {}; requests that need it are answered with 503", label, e.getMessage());
        }
        Exchange exchange = new Exchange(application.handler(),
                HandlerThreads.of(application.given(), settings.cpuBound()),
                new BodyLimit(settings.bodies().largest()), buffering,
                new RequestGate(settings.threads(), settings.threadsWait()), phase, tally, distress);
        CarrierRescue rescue = new CarrierRescue(this::occupants, thread -> StackReport.of(thread).text());
        this.watch = new DeadlineWatch(rescue::look,
                fault -> distress.noticeIfFatal(fault, Thread.currentThread()));
        this.connections = new Connections(settings, OpenFileLimit.ofThisProcess(), sockets.size(), exchange, harakiri,
                phase, watch, distress);
        this.heartbeat = new Heartbeat(label, limits, settings.workerTimeout(), tally::count, recycler);
        // a worker that shares its listeners with nobody accepts on a virtual thread
        Thread.Builder threads =
                configuration.master().processes() == 1 ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
        for (int i = 0; i < sockets.size(); i++) {
            listeners.add(new Listener(configuration.listeners().get(i), sockets.get(i), lasting.contains(i),
                    connections, threads));
        }
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            distress.noticeIfFatal(failure, thread);
            LOG.error("{}: thread {} has ended", label, thread.getName(), failure);
        });
    }

    /// What this worker was like when it had answered nothing yet.
    Vitals fresh() {
        return fresh;
    }

    /// Has the application answer its first requests, which nobody else has to wait for.
    void warmUp() throws ApplicationException {
        new WarmUp(connections.codecs(), harakiri, connections.exchange()).run(settings.warmup());
    }

    void start() {
        if (settings.deadlines().cancellation() != Cancellation.OFF && !PeerState.isKnowable()) {
            LOG.warn("{}: this JVM does not tell when a client has gone: cancel-on-disconnect has no effect", label);
        }
        watch.start();
        listeners.forEach(Listener::start);
    }

    /// To be called when the master knows that this worker serves.
    void startHeartbeat() {
        heartbeat.start();
    }

    List<Listener> listeners() {
        return listeners;
    }

    Connections connections() {
        return connections;
    }

    Harakiri harakiri() {
        return harakiri;
    }

    private List<Occupant> occupants() {
        return connections.requests().stream()
                .map(request -> new Occupant(Harakiri.described(request), request.thread()))
                .toList();
    }

    private record HarakiriConsequences(RequestTally tally, Orders orders) implements Harakiri.Consequences {

        @Override
        public void answered(RunningRequest request, Codec.Sent sent) {
            tally.answered(request, sent);
        }

        @Override
        public void replaceWorker(EndCause cause, String detail) {
            orders.askToBeReplaced(cause, detail);
        }
    }
}
