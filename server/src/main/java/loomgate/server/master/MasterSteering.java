package loomgate.server.master;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import loomgate.server.command.Identity;
import loomgate.server.command.Reply;
import loomgate.server.command.Steering;
import loomgate.server.control.ExitCode;
import loomgate.server.master.MasterEvent.Asked;
import loomgate.server.master.MasterEvent.ForTable;
import loomgate.server.master.MasterEvent.LogReopenRequested;
import loomgate.server.master.MasterEvent.ReloadRequested;
import loomgate.server.master.MasterEvent.UpgradeRequested;
import loomgate.server.master.table.TableEvent.StopRequested;
import loomgate.server.master.table.WorkerEnd;
import loomgate.server.os.Descriptor;
import loomgate.server.os.ProcessStart;

/// Commands as events of the master: the threads that hear them only enqueue.
final class MasterSteering implements Steering {

    private final Generations generations;
    private final LongSupplier clock;
    private final Consumer<MasterEvent> events;
    private final Identity identity;
    private final Instant startedAt = Instant.now();
    private final List<Reply> awaitingEnd = new ArrayList<>(); // touched by the master's thread alone, as is the next
    private boolean hasAskedToStop; // the event may still be in the queue

    /// @param clock that the table has
    MasterSteering(Identity identity, Generations generations, LongSupplier clock, Consumer<MasterEvent> events) {
        this.identity = identity;
        this.generations = generations;
        this.clock = clock;
        this.events = events;
    }

    /// That of this process.
    ///
    /// @param ini   what it was started with, by which it is found; empty if with none
    /// @param files that were read
    static Identity identity(Path ini, List<Path> files) {
        long pid = ProcessHandle.current().pid();
        return new Identity((int) pid, ProcessStart.of(pid).orElse(0), ini, files);
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public void reload(Reply reply) {
        events.accept(new ReloadRequested(answering(reply)));
    }

    @Override
    public void upgrade(Reply reply, Descriptor client) {
        events.accept(new UpgradeRequested(answering(reply), client));
    }

    @Override
    public void reopenLogs(Reply reply) {
        events.accept(new LogReopenRequested(answering(reply)));
    }

    /// As the master's thread has it.
    static Requester answering(Reply reply) {
        return new Requester() {
            @Override
            public void progress(String text) {
                reply.progress(text);
            }

            @Override
            public void ended(ExitCode code, String text) {
                reply.done(code.status(), text);
            }
        };
    }

    /// Several may wait for the end. Only who is in a hurry hastens it.
    @Override
    public void stop(boolean now, Reply reply) {
        events.accept(new Asked(table -> {
            awaitingEnd.add(reply);
            reply.progress("process " + identity.pid()
                    + (now ? " stops at once" : whenItStops(table.shutdownDelay(clock.getAsLong()))));
            boolean isStopping = table.phase().isToldToStop() || hasAskedToStop;
            if (!isStopping) {
                events.accept(new ForTable(new StopRequested()));
            }
            if (now) {
                events.accept(new ForTable(new StopRequested()));
            }
            hasAskedToStop = true;
        }));
    }

    private static String whenItStops(Duration delay) {
        return (delay.isPositive() ? " serves on for " + WorkerEnd.rounded(delay) + ", and then" : "")
                + " stops when it has answered what it has";
    }

    @Override
    public void status(Reply reply) {
        events.accept(new Asked(table -> reply.done(ExitCode.STOPPED.status(), new StatusText(identity, startedAt,
                generations.listeners(), table).at(Instant.now(), clock.getAsLong()))));
    }

    /// Tells all who wait that the last worker is gone. By the master's thread, right before its end.
    void stopped(ExitCode code) {
        String text = switch (code) {
            case STOPPED -> "stopped; every request was answered";
            case CUT_SHORT -> "stopped, but requests were cut short";
            default -> "stopped with status " + code.status() + "; the log says why";
        };
        awaitingEnd.forEach(reply -> reply.done(code.status(), text));
    }
}
