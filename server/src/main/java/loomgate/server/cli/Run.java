package loomgate.server.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import loomgate.server.command.CommandException;
import loomgate.server.config.ConfigException;
import loomgate.server.config.Configuration;
import loomgate.server.control.ExitCode;
import loomgate.server.master.Master;
import loomgate.server.master.StartException;
import loomgate.server.master.Unsupervised;
import loomgate.server.os.Descriptor;
import loomgate.server.os.OsException;

/// The command `run`: here, in the background, or in a [Role].
final class Run {

    private Run() {}

    private interface Reading extends Callable<Configuration> {
        @Override
        Configuration call() throws ConfigException;
    }

    /// @param all what follows the command's name
    static ExitCode perform(List<String> all)
            throws CommandException, ConfigException, StartException, IOException, InterruptedException {
        OwnCommand own = new OwnCommand(all);
        Reading reading = () -> configuration(own.words());
        Optional<Role> role = Role.in(all);
        return role.isPresent() ? perform(role.get(), own, reading) : perform(own, reading);
    }

    private static ExitCode perform(Role role, OwnCommand own, Reading reading)
            throws CommandException, ConfigException, StartException, IOException, InterruptedException {
        Descriptor channel = role.channel();
        try {
            channel.closeOnExec();
        } catch (OsException _) {
            throw new CommandException(ExitCode.WRONG_USAGE,
                    "these words are for Loomgate's own use: " + String.join(" ", role.allWords()));
        }
        return switch (role.kind()) {
            case DAEMON -> Master.run(reading.call(), reading, own, Optional.of(channel));
            case CANDIDATE -> {
                Master.requireFit(channel, reading.call());
                yield ExitCode.STOPPED;
            }
            case SUCCESSOR -> Master.succeed(channel, reading, own);
        };
    }

    private static ExitCode perform(OwnCommand own, Reading reading)
            throws CommandException, ConfigException, StartException, IOException, InterruptedException {
        Configuration configuration = reading.call();
        if (configuration.master().daemonize().isPresent()) {
            return Background.start(configuration, own);
        }
        if (!configuration.master().supervised()) {
            Unsupervised.become(configuration);
            throw new IllegalStateException("execve returned");
        }
        if (NewPrivileges.areToBeForbidden(configuration)) {
            NewPrivileges.startAnewWithoutThem();
        }
        return Master.run(configuration, reading, own, Optional.empty());
    }

    private static Configuration configuration(List<String> words) throws ConfigException {
        return Configuration.load(words, System.getenv(), Path.of("").toAbsolutePath());
    }
}
