package loomgate.server.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import loomgate.server.config.ConfigException;
import loomgate.server.config.Configuration;
import loomgate.server.control.ExitCode;
import loomgate.server.master.Master;
import loomgate.server.master.StartException;
import loomgate.server.master.Unsupervised;

/// The command `run`: here, in the background, or as what is in the background.
final class Run {

    private Run() {}

    private interface Reading extends Callable<Configuration> {
        @Override
        Configuration call() throws ConfigException;
    }

    static ExitCode perform(List<String> words)
            throws ConfigException, StartException, IOException, InterruptedException {
        if (!words.isEmpty() && words.getFirst().equals(Background.WORD)) {
            Reading reading = () -> configuration(words.subList(1, words.size()));
            return Master.run(reading.call(), reading, Optional.of(Background.channel()));
        }
        Reading reading = () -> configuration(words);
        Configuration configuration = reading.call();
        if (configuration.master().daemonize().isPresent()) {
            return Background.start(configuration, words);
        }
        return serve(configuration, reading);
    }

    private static ExitCode serve(Configuration configuration, Reading reading)
            throws StartException, IOException, InterruptedException {
        if (!configuration.master().supervised()) {
            Unsupervised.become(configuration);
            throw new IllegalStateException("execve returned");
        }
        if (NewPrivileges.areToBeForbidden(configuration)) {
            NewPrivileges.startAnewWithoutThem();
        }
        return Master.run(configuration, reading, Optional.empty());
    }

    private static Configuration configuration(List<String> words) throws ConfigException {
        return Configuration.load(words, System.getenv(), Path.of("").toAbsolutePath());
    }
}
