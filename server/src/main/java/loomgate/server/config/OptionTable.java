package loomgate.server.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import loomgate.server.config.ini.Spelling;
import loomgate.server.config.option.Chapter;
import loomgate.server.config.option.Option;

/// All options, in the order of the reference page.
final class OptionTable {

    static final List<Option<?>> ALL = Stream.of(MasterSettings.OPTIONS, LogSettings.OPTIONS, WorkerSettings.OPTIONS,
                    JvmSettings.OPTIONS, ListenerSettings.OPTIONS, DirectiveOptions.OPTIONS)
            .<Option<?>>flatMap(List::stream)
            .sorted(Comparator.comparing(Option::chapter))
            .toList();

    /// Keys whose `%(…)` is not ours to replace: it belongs to the log's lines.
    static final Set<String> VERBATIM = Set.of("log-format", "logformat");

    private static final Map<String, Option<?>> BY_NAME = byName(Option::names);
    private static final Map<String, Option<?>> BY_FORMER_NAME = byName(Option::formerNames);

    private OptionTable() {}

    /// The option with that name or alias.
    static Optional<Option<?>> find(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    static Optional<Option<?>> withLetter(char letter) {
        return ALL.stream().filter(option -> option.letter().filter(known -> known == letter).isPresent()).findFirst();
    }

    static List<Option<?>> in(Chapter chapter) {
        return ALL.stream().filter(option -> option.chapter() == chapter).toList();
    }

    /// The name that stands for all names of an option; any other key stands for itself.
    static String canonical(String key) {
        return find(key).map(Option::name).orElse(key);
    }

    /// What to say about a key that nobody knows.
    static String unknown(String key) {
        Option<?> renamed = BY_FORMER_NAME.get(key);
        if (renamed != null) {
            return key + " is now called " + renamed.name();
        }
        List<String> known = new ArrayList<>(BY_NAME.keySet());
        known.addAll(UwsgiOptions.names());
        return key + ": no such option, and nothing refers to it as %(" + key + ")" + Spelling.suggestion(key, known);
    }

    private static Map<String, Option<?>> byName(Function<Option<?>, List<String>> names) {
        Map<String, Option<?>> options = new HashMap<>();
        ALL.forEach(option -> names.apply(option).forEach(name -> options.put(name, option)));
        return options;
    }
}
