package loomgate.server.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import loomgate.server.command.Command;
import loomgate.server.command.CommandException;
import loomgate.server.command.Identity;
import loomgate.server.command.MasterSearch;
import loomgate.server.command.RunningMaster;
import loomgate.server.command.Target;
import loomgate.server.config.ConfigException;
import loomgate.server.config.Configuration;
import loomgate.server.control.ExitCode;

/// Has a running master do something, and tells what came of it: what goes well on standard output, the rest on
/// standard error.
final class RemoteCommand {

    private static final String NOW = "--now";
    private static final String INI = "--ini";

    private RemoteCommand() {}

    /// @param words what stands behind the command's name
    static ExitCode perform(Command command, List<String> words)
            throws CommandException, ConfigException, InterruptedException {
        return report(master(target(words)).perform(command, System.out::println));
    }

    /// Waits until nothing is left of the server.
    static ExitCode stop(List<String> words) throws CommandException, ConfigException, InterruptedException {
        List<String> others = new ArrayList<>(words);
        boolean now = others.remove(NOW);
        return stop(master(target(others)), now);
    }

    /// The same for the server that runs with this configuration's INI.
    static ExitCode stop(Configuration configuration) throws CommandException, InterruptedException {
        return stop(running(configuration, MasterSearch.here()), false);
    }

    private static ExitCode stop(RunningMaster master, boolean now) throws CommandException, InterruptedException {
        RunningMaster.Outcome outcome = master.perform(new Command.Stop(now), System.out::println);
        if (!master.awaitEnd()) {
            throw new CommandException(ExitCode.INTERNAL_ERROR, "process " + master.pid() + " does not end");
        }
        return report(outcome);
    }

    private static ExitCode report(RunningMaster.Outcome outcome) {
        if (outcome.code() == ExitCode.STOPPED) {
            System.out.println(outcome.text());
        } else {
            System.err.println("loomgate: " + outcome.text());
        }
        return outcome.code();
    }

    private static Target target(List<String> words) throws CommandException {
        if (words.size() == 2 && words.getFirst().equals(INI)) {
            return new Target.Ini(words.get(1));
        }
        if (words.size() == 1 && words.getFirst().startsWith(INI + "=")) {
            return new Target.Ini(words.getFirst().substring(INI.length() + 1));
        }
        if (words.size() != 1 || words.getFirst().isEmpty() || words.getFirst().startsWith("-")) {
            throw new CommandException(ExitCode.WRONG_USAGE,
                    "name one server, by its INI, its pid file or its pid" + (words.isEmpty()
                            ? "" : ", instead of '" + String.join(" ", words) + "'"));
        }
        return Target.of(words.getFirst(), currentDirectory());
    }

    private static RunningMaster master(Target target) throws CommandException, ConfigException {
        MasterSearch search = MasterSearch.here();
        return switch (target) {
            case Target.Pid(int pid) -> search.withPid(pid);
            case Target.PidFile(Path file) -> search.withPidFile(file);
            case Target.Ini(String name) -> running(glanceAt(name), search);
        };
    }

    /// Mistakes in the file are left aside: a server that runs can be stopped, whatever its INI has become.
    private static Configuration glanceAt(String ini) throws ConfigException {
        return Configuration.glanceAt(List.of(INI + "=" + ini), System.getenv(), currentDirectory());
    }

    private static RunningMaster running(Configuration configuration, MasterSearch search) throws CommandException {
        Path ini = configuration.startedWith().orElseThrow(() -> new CommandException(ExitCode.WRONG_USAGE,
                "name the INI that the server runs with: it is found by that"));
        if (!configuration.master().supervised()) {
            throw new CommandException(ExitCode.NO_MASTER, ini + " says master = false, and without a master there is"
                    + " nobody to ask; send TERM to the process to stop it");
        }
        return search.withIni(
                new Identity.Ini(ini, configuration.files().getFirst()), configuration.master().pidfile());
    }

    private static Path currentDirectory() {
        return Path.of("").toAbsolutePath();
    }
}
