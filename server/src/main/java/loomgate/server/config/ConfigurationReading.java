package loomgate.server.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import loomgate.server.config.ini.Directive;
import loomgate.server.config.ini.Entry;
import loomgate.server.config.ini.Entry.Kind;
import loomgate.server.config.ini.Entry.Origin;
import loomgate.server.config.ini.Expansion;
import loomgate.server.config.ini.IniReader;
import loomgate.server.config.ini.Location;
import loomgate.server.config.ini.Machine;
import loomgate.server.config.ini.Problems;
import loomgate.server.config.ini.SourceText;
import loomgate.server.config.ini.Value;
import loomgate.server.config.option.Directories;
import loomgate.server.config.option.Given;
import loomgate.server.config.option.Option;

/// One reading of a configuration, from entries to settings. Tells what is wrong instead of throwing it, and has
/// settings in any case: with defaults where something is wrong.
final class ConfigurationReading {

    private static final Path ROOT = Path.of("/");

    private final Location whole; // where to report what is missing altogether
    private final Expansion expansion;
    private final Problems problems;

    private final Map<String, List<Value>> options = new LinkedHashMap<>(); // by name
    private final Map<String, String> variables = new LinkedHashMap<>();
    private boolean sawCondition;
    private final Given given;
    private final Configuration configuration;

    private ConfigurationReading(List<Entry> entries, Map<String, String> environment, Location whole, Path cwd,
            List<Path> files, Optional<Path> startedWith, Problems problems) {
        this.whole = whole;
        this.problems = problems;
        this.expansion =
                new Expansion(entries, environment, OptionTable::canonical, OptionTable.VERBATIM, problems);
        expansion.values().forEach(this::sort);
        this.given = given(cwd);
        check(given);
        this.configuration = new Configuration(ListenerSettings.allFrom(given), MasterSettings.from(given),
                WorkerSettings.from(given), LogSettings.from(given), variables, effective(given, false),
                effective(given, true), problems.warnings(), files, startedWith);
    }

    /// Reads files and command line; the parameters are those of [Configuration#load].
    static ConfigurationReading of(List<String> words, Map<String, String> environment, Path cwd, Machine machine) {
        Problems problems = new Problems();
        Path start = cwd.toAbsolutePath().normalize();
        CommandLine commandLine = new CommandLine(words, start, problems);
        IniReader reader = new IniReader(environment, start, machine, problems);
        commandLine.files().forEach(file -> reader.read(file, CommandLine.LOCATION));
        List<Entry> entries = new ArrayList<>(reader.entries());
        entries.addAll(commandLine.entries());
        Location whole = commandLine.files().isEmpty()
                ? CommandLine.LOCATION : Location.of(commandLine.files().getFirst().file());
        Optional<Path> startedWith = reader.files().isEmpty()
                ? Optional.empty() : Optional.of(start.resolve(commandLine.files().getFirst().file()).normalize());
        ConfigurationReading reading =
                new ConfigurationReading(entries, environment, whole, start, reader.files(), startedWith, problems);
        BodySettings.requireFolder(reading.given);
        return reading;
    }

    /// Reads what [Configuration#effective()] gave.
    static ConfigurationReading ofEffective(List<String> effective) {
        Problems problems = new Problems();
        String source = "effective settings";
        List<Entry> entries = new ArrayList<>();
        for (String entry : effective) {
            int equals = entry.indexOf('=');
            SourceText key = SourceText.literal(source, entry.substring(0, Math.max(equals, 0)));
            SourceText value = SourceText.literal(source, entry.substring(equals + 1));
            Entry.of(Origin.FILE, key, value, false, ROOT, problems).ifPresent(entries::add);
        }
        return new ConfigurationReading(
                entries, Map.of(), Location.of(source), ROOT, List.of(), Optional.empty(), problems);
    }

    /// What is wrong.
    List<String> errors() {
        return problems.errors();
    }

    Configuration configuration() {
        return configuration;
    }

    /// Finds out what a key is: an option, a thing of uWSGI's, a variable, or a mistake.
    private void sort(Value value) {
        String key = value.entry().key();
        Optional<Option<?>> option = OptionTable.find(key);
        Optional<UwsgiOptions.Known> fromUwsgi = UwsgiOptions.find(key);
        if (value.entry().kind() == Kind.PLACEHOLDER) {
            if (option.isPresent() || fromUwsgi.filter(UwsgiOptions.Known::inFull).isPresent()) {
                problems.error(value.entry().at(), key + " is the name of an option; a placeholder needs another");
            }
            variable(key);
        } else if (option.isPresent()) {
            options.computeIfAbsent(option.get().name(), _ -> new ArrayList<>()).add(value);
        } else if (expansion.isReferenced(key) && fromUwsgi.filter(UwsgiOptions.Known::inFull).isEmpty()) {
            variable(key);
        } else if (fromUwsgi.isPresent()) {
            judge(value.entry(), fromUwsgi.get());
        } else {
            problems.error(value.entry().at(), OptionTable.unknown(key));
        }
    }

    private void judge(Entry entry, UwsgiOptions.Known known) {
        String refusal = entry.key() + ": known from uWSGI, not supported: " + known.text();
        switch (known.verdict()) {
            case WITHOUT_EFFECT ->
                    problems.warn(entry.at(), entry.key() + ": accepted without effect: " + known.text());
            case NOT_SUPPORTED -> problems.error(entry.at(), refusal);
            case CONDITION -> { // said once: of a condition with its lines and its end, one thing is wrong
                if (!sawCondition) {
                    problems.error(entry.at(), refusal);
                }
                sawCondition = true;
            }
        }
    }

    private void variable(String key) {
        variables.put(key, expansion.definition(key).text());
    }

    private Given given(Path cwd) {
        Given beforeChdir = new Given(options, new Directories(cwd, cwd), problems);
        Path chdir = JvmSettings.CHDIR.ifIn(beforeChdir).orElse(cwd);
        return new Given(options, new Directories(cwd, chdir), problems);
    }

    private void check(Given given) {
        for (Option<?> option : OptionTable.ALL) {
            for (Value value : given.all(option)) {
                option.parse(value, given); // also what is said again later: it is wrong all the same
            }
        }
        boolean nothingWasRead = options.isEmpty() && !problems.errors().isEmpty();
        if (nothingWasRead) {
            return; // that everything is missing goes without saying
        }
        if (!given.has(WorkerSettings.MODULE)) {
            problems.error(whole, "module is missing; write module = pkg.Class, the application's class");
        }
        if (!given.has(ListenerSettings.SOCKET) && !given.has(ListenerSettings.HTTP)) {
            problems.error(whole, "socket and http are both missing; write socket = /run/app/app.sock for nginx's"
                    + " uwsgi_pass, or http = 127.0.0.1:8000 for its proxy_pass");
        }
    }

    private List<String> effective(Given given, boolean masked) {
        record Line(int order, String text) {}
        List<Line> lines = new ArrayList<>();
        if (!given.has(JvmSettings.CHDIR)) { // its default is this process's own, and others have another
            lines.add(new Line(-1, JvmSettings.CHDIR.name() + "=" + given.directories().chdir()));
        }
        for (Option<?> option : OptionTable.ALL) {
            for (Value value : given.counting(option)) {
                option.canonical(value, given)
                        .map(text -> masked && option.isSecret() ? "(not shown)" : text)
                        .ifPresent(text -> lines.add(new Line(value.order(), option.name() + "=" + text)));
            }
        }
        lines.sort(Comparator.comparingInt(Line::order));
        Stream<String> placeholders = variables.entrySet().stream().map(variable ->
                Directive.PLACEHOLDER.key() + "=" + variable.getKey() + "=" + variable.getValue());
        return Stream.concat(lines.stream().map(Line::text), placeholders).toList();
    }
}
