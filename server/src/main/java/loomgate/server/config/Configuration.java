package loomgate.server.config;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import loomgate.server.config.ini.Machine;
import loomgate.server.config.option.Option;

/// What the operator wants, checked and complete. Immutable.
public final class Configuration {

    private final List<ListenerSettings> listeners;
    private final MasterSettings master;
    private final WorkerSettings worker;
    private final LogSettings log;
    private final Map<String, String> variables;
    private final List<String> effective;
    private final List<String> printable;
    private final List<String> warnings;
    private final List<Path> files;
    private final Optional<Path> startedWith;

    Configuration(List<ListenerSettings> listeners, MasterSettings master, WorkerSettings worker, LogSettings log,
            Map<String, String> variables, List<String> effective, List<String> printable, List<String> warnings,
            List<Path> files, Optional<Path> startedWith) {
        this.listeners = List.copyOf(listeners);
        this.master = master;
        this.worker = worker;
        this.log = log;
        this.variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
        this.effective = List.copyOf(effective);
        this.printable = List.copyOf(printable);
        this.warnings = List.copyOf(warnings);
        this.files = List.copyOf(files);
        this.startedWith = startedWith;
    }

    /// Reads the files that the words name, and the words themselves.
    ///
    /// @param words       what stands behind the command's name: `app.ini --processes 3`
    /// @param environment what `$(NAME)` stands for
    /// @param cwd         the directory that the server is started in
    /// @throws ConfigException if anything is wrong
    public static Configuration load(List<String> words, Map<String, String> environment, Path cwd)
            throws ConfigException {
        ConfigurationReading reading = ConfigurationReading.of(words, environment, cwd, Machine.here());
        List<String> problems = reading.errors();
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return reading.configuration();
    }

    /// What can be made of files that may have become wrong, or ask for what does not exist: for commands to a server
    /// that runs with an earlier state of them. Parameters as of [#load].
    ///
    /// @throws ConfigException if no file can be read
    public static Configuration glanceAt(List<String> words, Map<String, String> environment, Path cwd)
            throws ConfigException {
        ConfigurationReading reading = ConfigurationReading.of(words, environment, cwd, Machine.here());
        if (reading.configuration().files().isEmpty()) {
            throw new ConfigException(reading.errors());
        }
        return reading.configuration();
    }

    /// The configuration of which [#effective()] is the essence: how a worker gets its master's, without reading a file
    /// that may have changed since.
    ///
    /// @throws ConfigException if they are from another version
    public static Configuration ofEffective(List<String> entries) throws ConfigException {
        ConfigurationReading reading = ConfigurationReading.ofEffective(entries);
        if (!reading.errors().isEmpty()) {
            throw new ConfigException(reading.errors());
        }
        return reading.configuration();
    }

    /// What counts of everything that was said, `key=value` each: options under their first names, paths absolute,
    /// nothing left to replace. Variables come last, as `set-ph=key=value`.
    public List<String> effective() {
        return effective;
    }

    /// The options whose change, from an earlier configuration to this one, only a restart can bring about.
    public List<String> restartNeededAfter(Configuration earlier) {
        return OptionTable.ALL.stream()
                .filter(Option::isRestartNeeded)
                .map(Option::name)
                .filter(name -> !valuesOf(name).equals(earlier.valuesOf(name)))
                .toList();
    }

    private List<String> valuesOf(String name) {
        return effective.stream().filter(entry -> entry.startsWith(name + "=")).toList();
    }

    /// The same for eyes and logs: without the values of secret options.
    public List<String> printable() {
        return printable;
    }

    /// What the operator should know although nothing is wrong; `file:line:column: message` each. For who has called
    /// [#load]: after [#ofEffective], they are no news.
    public List<String> warnings() {
        return warnings;
    }

    public List<ListenerSettings> listeners() {
        return listeners;
    }

    public MasterSettings master() {
        return master;
    }

    public WorkerSettings worker() {
        return worker;
    }

    public LogSettings log() {
        return log;
    }

    /// Keys without a meaning to the server, in order: for the application.
    public Map<String, String> variables() {
        return variables;
    }

    /// The first file that the command line names: absolute, but links in the path are not followed, since they may
    /// lead to the next release tomorrow.
    public Optional<Path> startedWith() {
        return startedWith;
    }

    /// The files that were read, in order, by their real paths.
    public List<Path> files() {
        return files;
    }
}
