package loomgate.server.config.ini;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import loomgate.server.config.ini.Entry.Origin;

/// Replaces placeholders in all entries: `$(NAME)` first, then `@(file)`, then `%(key)`, each once. `%(key)` is the
/// first definition of the key, wherever it stands; but the command line's, if it has one.
public final class Expansion {

    private static final int LARGEST_FILE = 64 * 1024;

    private final Map<String, String> environment;
    private final UnaryOperator<String> canonical; // of a key: all names of one option have the same
    private final Set<String> verbatim;            // keys whose values keep their %(…)
    private final Problems problems;

    private final List<Entry> entries;
    private final Map<Entry, Integer> order = new IdentityHashMap<>();
    private final Map<String, Entry> definitions = new HashMap<>();
    private final Map<Entry, Value> expanded = new IdentityHashMap<>();
    private final Set<String> referenced = new HashSet<>();
    private final Set<Entry> underWay = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<String> path = new ArrayList<>(); // keys under way, outermost first

    /// Expands all of the entries, which are in order, the command line's last.
    public Expansion(List<Entry> entries, Map<String, String> environment, UnaryOperator<String> canonical,
            Set<String> verbatim, Problems problems) {
        this.entries = entries;
        this.environment = environment;
        this.canonical = canonical;
        this.verbatim = verbatim;
        this.problems = problems;
        entries.forEach(entry -> order.put(entry, order.size()));
        define(Origin.COMMAND_LINE);
        define(Origin.FILE);
        entries.forEach(this::value);
    }

    /// All entries with their values, in order.
    public List<Value> values() {
        return entries.stream().map(expanded::get).toList();
    }

    /// Whether any `%(key)` names the key.
    public boolean isReferenced(String key) {
        return referenced.contains(canonical.apply(key));
    }

    /// The value that `%(key)` stands for. The key has one.
    public Value definition(String key) {
        return expanded.get(definitions.get(canonical.apply(key)));
    }

    private void define(Origin origin) {
        for (Entry entry : entries) {
            if (entry.origin() == origin) {
                definitions.putIfAbsent(canonical.apply(entry.key()), entry);
            }
        }
    }

    private Value value(Entry entry) {
        Value known = expanded.get(entry);
        if (known != null) {
            return known;
        }
        underWay.add(entry);
        path.add(entry.key());
        Value value = expand(entry);
        path.removeLast();
        underWay.remove(entry);
        expanded.put(entry, value);
        return value;
    }

    private Value expand(Entry entry) {
        List<Placeholders> passes = new ArrayList<>();
        passes.add(Placeholders.environment(environment, problems));
        passes.add(new Placeholders('@', (name, at) -> content(entry.directory(), name, at), problems));
        if (!verbatim.contains(entry.key())) {
            passes.add(new Placeholders('%', this::replacement, problems));
        }
        SourceText text = entry.value();
        boolean broken = false;
        for (Placeholders pass : passes) {
            Placeholders.Outcome outcome = pass.replaceIn(text);
            text = outcome.text();
            broken |= outcome.broken();
        }
        broken |= !isOneLine(text);
        return new Value(entry, order.get(entry), text.toString(), broken);
    }

    private Optional<String> replacement(String name, Location at) {
        referenced.add(canonical.apply(name));
        Entry definition = definitions.get(canonical.apply(name));
        if (definition == null) {
            problems.error(at, undefined(name));
            return Optional.empty();
        }
        if (underWay.contains(definition)) {
            problems.error(at, "%(" + name + ") leads back to itself: " + cycle(definition.key()));
            return Optional.empty();
        }
        Value value = value(definition);
        return value.broken() ? Optional.empty() : Optional.of(value.text());
    }

    private String undefined(String name) {
        String reference = "%(" + name + ")";
        if (name.equals("_")) {
            return reference + " belongs to loops and conditions, which are not supported";
        }
        if (name.matches(".*[ +*/].*")) {
            return reference + ": arithmetic is not supported";
        }
        Set<String> keys = new LinkedHashSet<>(entries.stream().map(Entry::key).toList());
        return reference + ": no such key is defined" + Spelling.suggestion(name, keys);
    }

    private String cycle(String key) {
        List<String> round = new ArrayList<>(path.subList(path.lastIndexOf(key), path.size()));
        round.add(key);
        return String.join(" → ", round);
    }

    private Optional<String> content(Path directory, String name, Location at) {
        try {
            Path file = directory.resolve(name);
            if (Files.size(file) > LARGEST_FILE) {
                problems.error(at, "@(" + name + "): the file has more than " + LARGEST_FILE + " bytes");
                return Optional.empty();
            }
            String content = Files.readString(file);
            return Optional.of(content.endsWith("\n") ? content.substring(0, content.length() - 1) : content);
        } catch (IOException | InvalidPathException e) {
            problems.error(at, "@(" + name + "): cannot read the file: " + Unreadable.reason(e));
            return Optional.empty();
        }
    }

    /// Values travel one a line: to the workers, and into logs.
    private boolean isOneLine(SourceText text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c) && c != '\t') {
                problems.error(text.at(i), c == '\n'
                        ? "a value cannot have more than one line"
                        : String.format("a control character (U+%04X)", (int) c));
                return false;
            }
        }
        return true;
    }
}
