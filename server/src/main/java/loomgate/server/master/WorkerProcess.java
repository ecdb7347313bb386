package loomgate.server.master;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import loomgate.server.control.EndCause;
import loomgate.server.control.MalformedMessage;
import loomgate.server.control.Message;
import loomgate.server.control.MessageChannel;
import loomgate.server.control.Vitals;
import loomgate.server.master.table.TableEvent;
import loomgate.server.os.Descriptor;
import loomgate.server.os.OsException;
import loomgate.server.os.Processes;
import loomgate.server.os.Sockets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A worker as the master has it: a pid and a control channel. A thread follows what the worker says, until it is gone.
final class WorkerProcess {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);

    private static final Descriptor STANDARD_OUTPUT = new Descriptor(1);
    private static final Descriptor STANDARD_ERROR = new Descriptor(2);

    private final int pid;
    private final Descriptor control;
    private final MessageChannel channel;
    private final Consumer<TableEvent> events;
    private final Thread follower;
    private boolean isClosed; // our end: its number may already stand for something else

    private WorkerProcess(int pid, Descriptor control, MessageChannel channel, Consumer<TableEvent> events) {
        this.pid = pid;
        this.control = control;
        this.channel = channel;
        this.events = events;
        this.follower = Thread.ofPlatform().name("follow " + pid).daemon().unstarted(this::follow);
    }

    /// What a worker has open: its end of the control channel as 0, our output, the listeners from 3 on.
    static List<Descriptor> descriptors(Descriptor control, List<OpenListener> listeners) {
        List<Descriptor> descriptors = new ArrayList<>(List.of(control, STANDARD_OUTPUT, STANDARD_ERROR));
        listeners.forEach(listener -> descriptors.add(listener.socket()));
        return descriptors;
    }

    /// Which of the listeners outlive the server.
    static List<Integer> lasting(List<OpenListener> listeners) {
        return IntStream.range(0, listeners.size()).filter(i -> listeners.get(i).isPassed()).boxed().toList();
    }

    /// Starts a worker and tells it who it is.
    ///
    /// @param events gets what the worker says; called by the thread that follows it
    static WorkerProcess spawn(int worker, Generation generation, Consumer<TableEvent> events) throws IOException {
        List<Descriptor> pair = Sockets.pair();
        Descriptor ours = pair.get(0);
        Descriptor theirs = pair.get(1);
        int pid;
        try {
            pid = Processes.spawn(generation.program().program(worker, descriptors(theirs, generation.listeners())));
        } catch (IOException | RuntimeException e) {
            ours.close();
            throw e;
        } finally {
            theirs.close();
        }
        WorkerProcess process =
                new WorkerProcess(pid, ours, new MessageChannel(ours.input(), ours.outputThatNeverWaits()), events);
        try {
            process.follower.start();
        } catch (OutOfMemoryError e) { // there are no more threads
            ours.close();
            Processes.kill(pid); // nobody would hear what it says
            throw new IOException("pid " + pid + " cannot be followed, and is killed: " + e.getMessage(), e);
        }
        process.send(new Message.Configure(
                worker, generation.number(), true, lasting(generation.listeners()),
                generation.configuration().effective()));
        return process;
    }

    /// Goes on with a worker that another program in this process has started.
    static WorkerProcess resume(int pid, Descriptor control, Consumer<TableEvent> events) {
        WorkerProcess process = new WorkerProcess(
                pid, control, new MessageChannel(control.input(), control.outputThatNeverWaits()), events);
        process.follower.start();
        return process;
    }

    /// Another number for our end of the channel, which is the caller's to close; empty if the worker has let go of its
    /// own.
    synchronized Optional<Descriptor> duplicateControl() throws OsException {
        return isClosed ? Optional.empty() : Optional.of(control.duplicate(3));
    }

    int pid() {
        return pid;
    }

    /// Waits until all that the worker said is told, or for so long.
    void awaitLastWords(Duration most) throws InterruptedException {
        follower.join(most);
    }

    /// Of a worker that has ended, or has let go of its channel to do so, the end is the event that counts. One that
    /// lives and takes nothing from a socket that is never full is killed, since it would never learn anything again.
    synchronized void send(Message message) {
        if (isClosed) {
            return;
        }
        try {
            channel.send(message);
        } catch (IOException e) {
            LOG.debug("{} cannot be told anything", pid, e);
            if (!isGone(e)) {
                events.accept(new TableEvent.Garbled(pid));
            }
        }
    }

    private static boolean isGone(IOException e) {
        return e instanceof OsException failure
                && (failure.errno() == OsException.EPIPE || failure.errno() == OsException.ECONNRESET);
    }

    private void follow() {
        try {
            for (Optional<Message> message = channel.receive(); message.isPresent(); message = channel.receive()) {
                switch (message.get()) {
                    case Message.Ready(Vitals vitals) -> events.accept(new TableEvent.Ready(pid, vitals));
                    case Message.Alive(long fineUntil, Vitals vitals) ->
                        events.accept(new TableEvent.Alive(pid, fineUntil, vitals));
                    case Message.ReplaceRequested(EndCause cause, String detail) ->
                        events.accept(new TableEvent.ReplaceRequested(pid, cause, detail));
                    case Message.Configure _, Message.Drain _, Message.ReopenLog _ ->
                         throw new IllegalStateException("a worker sent an order");
                }
            }
        } catch (MalformedMessage | IllegalStateException e) {
            LOG.error("pid {}: {}", pid, e.getMessage());
            events.accept(new TableEvent.Garbled(pid));
        } catch (IOException e) {
            LOG.debug("the control channel of pid {} broke, as it does when a worker is killed", pid, e);
        } finally {
            close();
        }
    }

    private synchronized void close() {
        isClosed = true;
        try {
            control.close();
        } catch (IOException e) {
            LOG.warn("the control channel of pid {} could not be closed: {}", pid, e.getMessage());
        }
    }
}
