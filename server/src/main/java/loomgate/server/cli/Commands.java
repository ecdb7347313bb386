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
    RUN("run", "start the server (the default)") {
        @Override
        ExitCode perform(List<String> words) throws Exception {
            return Run.perform(words);
        }
    },
    CHECK("check", "say whether a configuration is right, and what it comes to") {
        @Override
        ExitCode perform(List<String> words) throws Exception {
            Configuration configuration = Configuration.load(words, System.getenv(), currentDirectory());
            configuration.warnings().forEach(System.err::println);
            configuration.printable().forEach(System.out::println);
            return ExitCode.STOPPED;
        }
    },
    RELOAD("reload", "replace the workers of a running server") {
        @Override
        ExitCode perform(List<String> words) throws Exception {
            return RemoteCommand.perform(new Command.Reload(), words);
        }
    },
    STOP("stop", "stop a running server, and wait for its end; --now cuts requests short") {
        @Override
        ExitCode perform(List<String> words) throws Exception {
            return RemoteCommand.stop(words);
        }
    },
    UPGRADE("upgrade", "have a running server become the program that is installed, without a pause") {
        @Override
        ExitCode perform(List<String> words) throws Exception {
            return RemoteCommand.perform(new Command.Upgrade(), words);
        }
    },
    LOGREOPEN("logreopen", "have a running server open its log files anew") {
        @Override
        ExitCode perform(List<String> words) throws Exception {
            return RemoteCommand.perform(new Command.ReopenLogs(), words);
        }
    },
    RESTART("restart", "stop a running server, and start it anew") {
        @Override
        ExitCode perform(List<String> words) throws Exception {
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
    },
    STATUS("status", "say how the workers of a running server are") {
        @Override
        ExitCode perform(List<String> words) throws Exception {
            return RemoteCommand.perform(new Command.Status(), words);
        }
    },
    AOT_CACHE("aot-cache", "have workers start in half the time: makes a cache of classes beside loomgate.jar") {
        @Override
        ExitCode perform(List<String> words) throws Exception {
            return AotCacheCommand.perform(words);
        }
    },
    HELP("help", "print this") {
        @Override
        ExitCode perform(List<String> words) {
            System.out.print(help());
            return ExitCode.STOPPED;
        }
    },
    VERSION("version", "print the version") {
        @Override
        ExitCode perform(List<String> words) {
            System.out.println(Version.text());
            return ExitCode.STOPPED;
        }
    };

    private final String word;
    private final String summary;

    Commands(String word, String summary) {
        this.word = word;
        this.summary = summary;
    }

    abstract ExitCode perform(List<String> words) throws Exception;

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
                    ? named.get().perform(words.subList(1, words.size()))
                    : RUN.perform(words);
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
