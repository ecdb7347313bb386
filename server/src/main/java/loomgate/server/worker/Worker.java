package loomgate.server.worker;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import loomgate.server.application.Application;
import loomgate.server.application.ApplicationException;
import loomgate.server.config.Configuration;
import loomgate.server.control.ExitCode;
import loomgate.server.control.Message;
import loomgate.server.control.MessageChannel;
import loomgate.server.control.WorkerLabel;
import loomgate.server.log.LineStream;
import loomgate.server.log.LogWriter;
import loomgate.server.os.Descriptor;
import loomgate.server.os.OsException;
import loomgate.server.os.PromptExit;
import loomgate.server.os.StandardOutput;
import loomgate.server.worker.Orders.Order;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The life of a worker process: load the application, serve, drain, end.
///
/// [Orders] is what it is told to do, [Ending] how it does that.
public final class Worker {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /// The first inherited listener; 0 is the control channel, 1 and 2 are the log.
    private static final int FIRST_LISTENER = 3;

    private final Message.Configure identity;
    private final Configuration configuration;
    private final WorkerLabel label;
    private final LogWriter log;
    private final Orders orders;
    private final Phase.Current phase = new Phase.Current();
    private volatile Service service; // null until the application is loaded

    private Worker(Message.Configure identity, Configuration configuration, MessageChannel master, LogWriter log) {
        this.log = log;
        this.identity = identity;
        this.configuration = configuration;
        this.label = new WorkerLabel(identity.worker(), identity.generation(), ProcessHandle.current().pid());
        this.orders = new Orders(label, identity.supervised(), master, this::reopenLog);
    }

    /// Runs the worker that the message on the control channel describes, to its end.
    ///
    /// @param control the control channel, whose first message describes the worker
    /// @param log     where the server's own log goes, too
    public static ExitCode run(Descriptor control, LogWriter log) throws Exception {
        MessageChannel master = new MessageChannel(control.input(), control.outputThatNeverWaits());
        Optional<Message> first = master.receive();
        if (first.isEmpty()) {
            return ExitCode.STOPPED; // the master was gone before we began
        }
        if (!(first.get() instanceof Message.Configure identity)) {
            throw new IOException("the master did not begin with who this worker is");
        }
        return new Worker(identity, Configuration.ofEffective(identity.entries()), master, log).live();
    }

    private ExitCode live() throws Exception {
        long started = System.nanoTime();
        List<Descriptor> sockets = inheritedListeners();
        orders.listen();
        PrintStream printed = LineStream.printingTo(log, label + ": ");
        System.setOut(printed); // the application's; the server's own log has its stream already
        System.setErr(printed);
        ExitNotice exitNotice = new ExitNotice(label, orders, log, () -> Optional.ofNullable(service));
        try {
            Application application;
            try {
                application = Application.load(configuration.worker().module(), new WorkerContext(
                        configuration.variables(), identity.worker(), identity.generation(), phase));
                service = new Service(label, configuration, application, phase, orders, sockets,
                        identity.lasting(), log);
                service.warmUp();
            } catch (ApplicationException e) {
                LOG.error("{}: the application cannot be loaded: {}", label, e.getMessage(), e.getCause());
                return ExitCode.APPLICATION_CANNOT_LOAD;
            }
            orders.becomeReady();
            service.start();
            if (!identity.supervised()) { // else the master says so, who has seen all of it
                LOG.info("{}: ready after {} ms", label, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started));
            }
            orders.sayReady(service.fresh()); // not earlier: a predecessor stops to take connections at once
            service.startHeartbeat(); // not earlier: what one that is not ready promises does not count
            return end(application, exitNotice);
        } finally {
            exitNotice.release();
        }
    }

    private void reopenLog() {
        Optional<Path> file = configuration.log().logto();
        if (file.isEmpty()) {
            return; // it goes where somebody else looks after it
        }
        try {
            StandardOutput.becomes(StandardOutput.open(file.get().toString()));
        } catch (OsException e) {
            LOG.error("{}: the log cannot be opened anew, the old file is used on: {}", label, e.getMessage());
        }
    }

    private ExitCode end(Application application, ExitNotice exitNotice) throws InterruptedException {
        Order order = orders.take();
        ExitCode code = new Ending(label, configuration.worker().reloadMercy(), phase, service.listeners(),
                service.connections(), orders).run(order);
        exitNotice.applicationCloses();
        close(application);
        PromptExit.arrange(code.status());
        return code;
    }

    /// Nothing that the application starts may have them.
    private List<Descriptor> inheritedListeners() throws IOException {
        List<Descriptor> sockets = new ArrayList<>();
        for (int i = 0; i < configuration.listeners().size(); i++) {
            Descriptor socket = new Descriptor(FIRST_LISTENER + i);
            socket.closeOnExec();
            sockets.add(socket);
        }
        return sockets;
    }

    /// The process is to end with the code that it has earned, whatever the application throws now.
    private void close(Application application) {
        try {
            application.close();
        } catch (Exception | Error e) {
            LOG.error("{}: the application failed to close", label, e);
        }
    }
}
