package loomgate.server.command;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import loomgate.server.control.ExitCode;
import loomgate.server.os.LocalConnection;
import loomgate.server.os.OsException;
import loomgate.server.os.PeerCredentials;
import loomgate.server.os.ProcessStart;

/// A master that lives and has said who it is.
///
/// @param identity as it says itself; its pid is what the kernel says too
public record RunningMaster(Identity identity) {

    private static final Duration PATIENCE = Duration.ofSeconds(5); // until a master that is asked has answered
    private static final Duration END_PATIENCE = Duration.ofSeconds(30); // until a JVM that ends has ended
    private static final Duration DYING_PATIENCE = Duration.ofSeconds(2); // for one whose connections have ended
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final int LONGEST_ANSWER = 1 << 20; // bytes

    /// What the master answered last.
    ///
    /// @param text for the operator, perhaps of several lines
    public record Outcome(ExitCode code, String text) {}

    /// Asks who listens under a pid's name. Signals nobody.
    ///
    /// @throws CommandException if that is no master which this user may ask
    static RunningMaster named(int pid) throws CommandException {
        try (LocalConnection connection = LocalConnection.to(CommandServer.name(pid), PATIENCE)) {
            PeerCredentials peer = connection.peer();
            if (!peer.isOurs() && PeerCredentials.ownUser() != 0) {
                throw new CommandException(ExitCode.DENIED, "the socket of " + pid + " belongs to " + peer
                        + "; only that user and root may ask it");
            }
            if (peer.process() != pid) {
                throw CommandException.noMaster("the name of process " + pid + " was taken by " + peer
                        + ", which is no master of that pid; nobody was asked");
            }
            LineConnection lines = new LineConnection(connection, LONGEST_ANSWER);
            Optional<Answer> answer = ask(lines, new Command.Identify(), PATIENCE);
            if (answer.isPresent() && answer.get() instanceof Answer.Identified(Identity identity)) {
                if (identity.pid() != pid) {
                    throw notAMaster(pid, "it says that it is " + identity.pid());
                }
                return new RunningMaster(identity);
            }
            if (answer.isEmpty()) {
                throw CommandException.noMaster("process " + pid + " ended, or is ending, before it said who it is");
            }
            throw answer.get() instanceof Answer.Denied
                    ? denied(pid) : notAMaster(pid, "it does not say who it is");
        } catch (OsException e) {
            throw switch (e.errno()) {
                case OsException.ECONNREFUSED -> CommandException.noMaster(nobodyListens(pid));
                case OsException.EAGAIN -> CommandException.noMaster("process " + pid + " does not answer within "
                        + PATIENCE.toSeconds() + " s; is it suspended, or the machine overloaded?");
                default -> CommandException.noMaster("process " + pid + " cannot be asked: " + e.getMessage());
            };
        } catch (IOException e) {
            throw notAMaster(pid, e.getMessage());
        }
    }

    private static CommandException denied(int pid) {
        return new CommandException(ExitCode.DENIED,
                "process " + pid + " obeys only its own user and root, and you are neither");
    }

    private static CommandException notAMaster(int pid, String why) {
        return CommandException.noMaster("process " + pid + " is no master of this version: " + why);
    }

    private static String nobodyListens(int pid) {
        return ProcessStart.of(pid).isPresent()
                ? "process " + pid + " is no master of Loomgate, or one with master = false, which nobody can ask;"
                        + " it was left alone"
                : "there is no process " + pid;
    }

    public int pid() {
        return identity.pid();
    }

    /// Asks for something and waits until it is done.
    ///
    /// @param progress gets what is said meanwhile, at once
    /// @throws CommandException if the master cannot be asked, or ends without an answer
    public Outcome perform(Command command, Consumer<String> progress) throws CommandException, InterruptedException {
        try (LocalConnection connection = LocalConnection.to(CommandServer.name(pid()), PATIENCE)) {
            LineConnection lines = new LineConnection(connection, LONGEST_ANSWER);
            Duration limit = command instanceof Command.Status ? PATIENCE : LineConnection.NO_LIMIT;
            Optional<Answer> answer = ask(lines, command, limit);
            while (answer.isPresent()) {
                switch (answer.get()) {
                    case Answer.Progress(String text) -> progress.accept(CommandText.printable(text));
                    case Answer.Done(int status, String text) -> {
                        return new Outcome(ExitCode.of(status), CommandText.printable(text));
                    }
                    case Answer.Denied() -> throw denied(pid());
                    case Answer.Identified _ -> throw notAMaster(pid(), "it says who it is, unasked");
                }
                answer = next(lines, limit);
            }
            if (!endsWithin(DYING_PATIENCE)) {
                throw new CommandException(ExitCode.INTERNAL_ERROR, "process " + pid() + " lives, but has not said what"
                        + " came of it, as when it was just being upgraded; try again");
            }
            throw CommandException.noMaster("process " + pid() + " ended before it answered");
        } catch (OsException e) {
            throw CommandException.noMaster("process " + pid()
                    + (e.errno() == OsException.EAGAIN ? " does not answer" : " cannot be asked: " + e.getMessage()));
        } catch (IOException e) {
            throw notAMaster(pid(), e.getMessage());
        }
    }

    private static Optional<Answer> ask(LineConnection lines, Command command, Duration limit) throws IOException {
        try {
            lines.send(CommandText.of(command));
        } catch (OsException e) {
            if (e.errno() != OsException.EPIPE) { // who does not listen to us may have said why
                throw e;
            }
        }
        return next(lines, limit);
    }

    private static Optional<Answer> next(LineConnection lines, Duration limit) throws IOException {
        Optional<String> line = lines.next(limit);
        return line.isPresent() ? Optional.of(CommandText.answer(line.get())) : Optional.empty();
    }

    /// Waits until the process is no more. A later one with the same pid is not mistaken for it.
    ///
    /// @return whether it has ended in time
    public boolean awaitEnd() throws InterruptedException {
        return endsWithin(END_PATIENCE);
    }

    private boolean endsWithin(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (lives()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            Thread.sleep(PAUSE);
        }
        return true;
    }

    private boolean lives() {
        return ProcessStart.of(pid()).equals(OptionalLong.of(identity.startedAt()));
    }
}
