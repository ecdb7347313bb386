package loomgate.server.master;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import loomgate.server.control.ExitCode;
import loomgate.server.master.table.NanoTime;
import loomgate.server.os.Descriptor;
import loomgate.server.os.ExitStatus;
import loomgate.server.os.Processes;
import loomgate.server.os.Sockets;
import loomgate.server.systemd.PassedSockets;
import loomgate.server.systemd.PassedSocketsException;
import loomgate.server.systemd.ServiceManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `loomgate upgrade`, in the program that is to go: another, most likely a newer version of it, takes its place in
/// this process. Listeners, workers and the process's number stay, so that no client notices; [Succession] is how it
/// goes on.
///
/// What cannot be undone comes last: first the other program is started beside this one, and has to say that it
/// understands what it will be left. Belongs to the master's thread.
final class Upgrade {

    private static final Logger LOG = LoggerFactory.getLogger(Upgrade.class);

    private static final Duration PATIENCE = Duration.ofSeconds(60); // until the other program has said so
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);
    private static final int MOST_TOLD = 4000; // characters of what it printed

    /// ```
    ///         request              it is fit          nothing waits to be done
    ///   Idle ────────▶ Candidacy ───────────▶ Due ────────────────────────────▶ (the other program)
    ///    ▲                 │ it is not         │ something has come between
    ///    └─────────────────┴───────────────────┘
    /// ```
    private sealed interface State {}

    private record Idle() implements State {}

    private record Candidacy(int pid, Printing printing, long giveUpAt, Asker asker) implements State {}

    private record Due(Asker asker) implements State {}

    /// @param client the connection to who asked, which is ours
    private record Asker(Requester requester, Descriptor client) {}

    private final OwnProgram own;
    private final Estate estate;
    private final Runnable childStarted;
    private final ServiceManager manager;
    private final Supplier<Optional<String>> obstacle;
    private final BooleanSupplier isQuiet;
    private State state = new Idle();

    /// @param estate       what there is to be left
    /// @param childStarted is run when there is another child to be waited for
    /// @param manager      waits while the programs change
    /// @param obstacle     why it is not possible now, if it is not
    /// @param isQuiet      whether all that has happened is done: the rest would be lost
    Upgrade(OwnProgram own, Estate estate, Runnable childStarted, ServiceManager manager,
            Supplier<Optional<String>> obstacle, BooleanSupplier isQuiet) {
        this.own = own;
        this.estate = estate;
        this.childStarted = childStarted;
        this.manager = manager;
        this.obstacle = obstacle;
        this.isQuiet = isQuiet;
    }

    /// @param client another number for the connection to who asks
    void request(Requester requester, Descriptor client, long now) {
        Asker asker = new Asker(requester, client);
        Optional<String> reason = state instanceof Idle ? obstacle.get() : Optional.of("an upgrade is under way");
        if (reason.isPresent()) {
            refuse(asker, reason.get());
            return;
        }
        requester.progress("the installed program is tried");
        LOG.info("upgrade: the installed program is tried");
        try {
            state = candidacy(asker, now);
        } catch (IOException | RuntimeException | Error e) {
            refuse(asker, "the installed program cannot be started: " + e);
        }
    }

    private Candidacy candidacy(Asker asker, long now) throws IOException {
        List<Descriptor> opened = new ArrayList<>(Sockets.pair());
        Descriptor ours = opened.removeFirst();
        Descriptor theirs = opened.getFirst();
        Printing printing = new Printing(ours);
        try {
            Descriptor nothing = Descriptor.devNull();
            opened.add(nothing);
            Heritage left = estate.heritage(OptionalInt.empty());
            opened.addAll(duplicates(left));
            Descriptor heritage = Descriptor.inMemory(HeritageText.of(left));
            opened.add(heritage);
            int pid = Processes.spawn(own.candidate(List.of(nothing, theirs, theirs, heritage)));
            childStarted.run();
            return new Candidacy(pid, printing, now + PATIENCE.toNanos(), asker);
        } finally {
            closeAll(opened); // which ends the printing, if nobody else has the other end
        }
    }

    private static List<Descriptor> duplicates(Heritage left) {
        return left.workers().stream().map(worker -> new Descriptor(worker.control())).toList();
    }

    private static void closeAll(List<Descriptor> descriptors) throws IOException {
        for (Descriptor descriptor : descriptors) {
            descriptor.close();
        }
    }

    /// A child has been reaped, be it ours or not.
    void childEnded(int pid, ExitStatus status) {
        if (!(state instanceof Candidacy(int ours, Printing printing, _, Asker asker)) || ours != pid) {
            return;
        }
        String printed = printing.awaitAll(LAST_WORDS);
        if (status.equals(new ExitStatus.Exited(ExitCode.STOPPED.status()))) {
            LOG.info("upgrade: the installed program is fit and takes over");
            asker.requester().progress("the installed program is fit and takes over");
            state = new Due(asker);
        } else {
            end(asker, "the installed program is not fit: process " + pid + " " + status
                    + (printed.isBlank() ? "" : "\n" + printed.strip()));
        }
    }

    /// The master's loop has come around. Does not return if the other program takes over.
    void turn(long now) {
        switch (state) {
            case Candidacy(int pid, Printing printing, long giveUpAt, Asker asker)
                    when NanoTime.isDue(giveUpAt, now) -> {
                giveUp(pid);
                state = new Candidacy(pid, printing, now + PATIENCE.toNanos(), asker);
            }
            case Due(Asker asker) when obstacle.get().isPresent() ->
                end(asker, obstacle.get().get());
            case Due(Asker asker) -> handOver(asker);
            case Idle _, Candidacy _ -> {}
        }
    }

    private static void giveUp(int pid) {
        LOG.error("upgrade: process {} has not said within {} s whether it is fit, and is killed", pid,
                PATIENCE.toSeconds());
        try {
            Processes.kill(pid); // it is not reaped: its end is awaited
        } catch (IOException e) {
            LOG.error("pid {} cannot be killed: {}", pid, e.getMessage());
        }
    }

    private void handOver(Asker asker) {
        try {
            Heritage left = estate.heritage(OptionalInt.of(asker.client().number()));
            List<Descriptor> temporary = new ArrayList<>(duplicates(left));
            try {
                Descriptor heritage = Descriptor.inMemory(HeritageText.of(left));
                temporary.add(heritage);
                List<Descriptor> kept = new ArrayList<>(List.of(heritage));
                left.descriptors().stream().distinct().map(Descriptor::new).forEach(kept::add);
                PassedSockets.own().descriptors().stream().filter(passed -> !kept.contains(passed)).forEach(kept::add);
                manager.handingOver();
                Processes.becomeHolding(own.successor(heritage, kept), isQuiet);
            } finally {
                closeAll(temporary);
            }
        } catch (IOException | PassedSocketsException | RuntimeException | Error e) {
            end(asker, "the installed program cannot be executed: " + e);
        }
    }

    private void end(Asker asker, String why) {
        state = new Idle();
        refuse(asker, why);
    }

    private static void refuse(Asker asker, String why) {
        String text = "no upgrade, the server goes on as it was: " + why;
        LOG.error(text);
        asker.requester().ended(ExitCode.NOT_UPGRADED, text);
        try {
            asker.client().close();
        } catch (IOException e) {
            LOG.warn("the connection of who asked for an upgrade could not be closed: {}", e.getMessage());
        }
    }

    /// What a program prints, read by a thread of its own so that it never waits.
    private static final class Printing {

        private final Descriptor end;
        private final StringBuffer text = new StringBuffer();
        private final Thread reader = Thread.ofPlatform().name("upgrade").daemon().unstarted(this::read);

        Printing(Descriptor end) {
            this.end = end;
            reader.start();
        }

        private void read() {
            try (InputStream in = end.input()) {
                byte[] some = new byte[1024];
                for (int n = in.read(some); n >= 0; n = in.read(some)) {
                    if (text.length() < MOST_TOLD) {
                        text.append(new String(some, 0, n, StandardCharsets.UTF_8));
                    }
                }
            } catch (IOException e) {
                LOG.debug("what the installed program printed cannot be read to its end", e);
            } finally {
                close();
            }
        }

        private void close() {
            try {
                end.close();
            } catch (IOException e) {
                LOG.warn("the output of the installed program could not be closed: {}", e.getMessage());
            }
        }

        String awaitAll(Duration most) {
            try {
                reader.join(most);
            } catch (InterruptedException e) {
                LOG.error("nobody should interrupt this", e);
            }
            return text.toString();
        }
    }
}
