package loomgate.server.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import loomgate.server.command.Command;
import loomgate.server.command.CommandException;
import loomgate.server.config.ConfigException;
import loomgate.server.config.Configuration;
import loomgate.server.config.HelpText;
import loomgate.server.control.ExitCode;
import loomgate.server.control.Version;
import loomgate.server.master.StartException;

/// What the first word of the command line can ask for.
enum Commands {
    RUN("run", "start the server (the default)", Run::perform),
    CHECK("check", "say whether a configuration is right, and what it comes to", Commands::check),
    RELOAD("reload", "replace the workers of a running server",
            words -> RemoteCommand.perform(new Command.Reload(), words)),
    STOP("stop", "stop a running server, and wait for its end; --now cuts requests short", RemoteCommand::stop),
    UPGRADE("upgrade", "have a running server become the program that is installed, without a pause",
            words -> RemoteCommand.perform(new Command.Upgrade(), words)),
    LOGREOPEN("logreopen", "have a running server open its log files anew",
            words -> RemoteCommand.perform(new Command.ReopenLogs(), words)),
    RESTART("restart", "stop a running server, and start it anew", Commands::restart),
    STATUS("status", "say how the workers of a running server are",
            words -> RemoteCommand.perform(new Command.Status(), words)),
    AOT_CACHE("aot-cache", "have workers start in half the time: makes a cache of classes beside loomgate.jar",
            AotCacheCommand::perform),
    HELP("help", "print this", _ -> print(help())),
    VERSION("version", "print the version", _ -> print(Version.text() + "\n"));

    /// What a command does with the words behind its name.
    private interface Performance {
        ExitCode of(List<String> words) throws Exception;
    }

    private final String word;
    private final String summary;
    private final Performance performance;

    Commands(String word, String summary, Performance performance) {
        this.word = word;
        this.summary = summary;
        this.performance = performance;
    }

    private static ExitCode check(List<String> words) throws ConfigException {
        Configuration configuration = Configuration.load(words, System.getenv(), currentDirectory());
        configuration.warnings().forEach(System.err::println);
        configuration.printable().forEach(System.out::println);
        return ExitCode.STOPPED;
    }

    private static ExitCode restart(List<String> words) throws Exception {
        // a wrong one takes no server down
        Configuration configuration = Configuration.load(words, System.getenv(), currentDirectory());
        try {
            ExitCode stopped = RemoteCommand.stop(configuration);
            if (stopped != ExitCode.STOPPED && stopped != ExitCode.CUT_SHORT) {
                return stopped;
            }
        } catch (CommandException e) {
            if (e.code() != ExitCode.NO_MASTER) {
                throw e;
            }
            System.err.println("loomgate: " + e.getMessage() + "; it is started");
        }
        return Run.perform(words);
    }

    private static ExitCode print(String text) {
        System.out.print(text);
        return ExitCode.STOPPED;
    }

    /// Performs what the words ask for. What the operator can mend is printed, without a stack trace.
    static ExitCode run(List<String> words) throws Exception {
        if (words.isEmpty()) {
            System.err.print("what is to be started? Name an INI file.\n\n" + usage());
            return ExitCode.WRONG_USAGE;
        }
        String first = words.getFirst();
        Optional<Commands> named = named(first);
        if (named.isEmpty() && !first.startsWith("-") && !first.contains(".ini")) {
            System.err.print("there is no command '" + first + "', and a configuration's name ends in .ini\n\n"
                    + usage());
            return ExitCode.WRONG_USAGE;
        }
        try {
            return named.isPresent()
                    ? named.get().performance.of(words.subList(1, words.size()))
                    : RUN.performance.of(words);
        } catch (ConfigException e) {
            e.problems().forEach(System.err::println);
            return ExitCode.CONFIGURATION_WRONG;
        } catch (CommandException e) {
            System.err.println("loomgate: " + e.getMessage());
            return e.code();
        } catch (StartException e) {
            System.err.println("loomgate: " + e.getMessage());
            return e.code();
        }
    }

    private static Optional<Commands> named(String word) {
        return switch (word) {
            case "--stop" -> Optional.of(STOP); // these two are uWSGI's spellings
            case "--reload" -> Optional.of(RELOAD);
            case "-h", "--help" -> Optional.of(HELP);
            case "--version" -> Optional.of(VERSION);
            default -> List.of(values()).stream().filter(command -> command.word.equals(word)).findFirst();
        };
    }

    private static String usage() {
        StringBuilder text = new StringBuilder("""
                usage: loomgate [run|check|restart] FILE.ini[:SECTION] [--OPTION VALUE ...]
                       loomgate reload|stop|upgrade|logreopen|status FILE.ini|PIDFILE|PID

                """);
        for (Commands command : values()) {
            text.append(String.format("  %-10s%s%n", command.word, command.summary));
        }
        return text.toString();
    }

    private static String help() {
        return usage() + "\nOptions, in the INI as `name = value`, on the command line as `--name value`:\n\n"
                + HelpText.options();
    }

    private static Path currentDirectory() {
        return Path.of("").toAbsolutePath();
    }
}
