package loomgate.server.config.ini;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import loomgate.server.config.ini.Entry.Origin;

/// Reads files into entries, in order, includes in the place where they are asked for. After it, only settings and
/// placeholders are left: `ini` and `set` have been obeyed.
public final class IniReader {

    /// Sections that are read when none is named.
    public static final Set<String> DEFAULT_SECTIONS = Collections.unmodifiableSet(
            new LinkedHashSet<>(List.of("uwsgi", "loomgate")));

    private final Map<String, String> environment;
    private final Path cwd;
    private final Machine machine;
    private final Problems problems;
    private final Deque<Opened> open = new ArrayDeque<>(); // the chain of includes, innermost first
    private final Set<Path> files = new LinkedHashSet<>();
    private final List<Entry> entries = new ArrayList<>();

    /// A file in the middle of being read.
    ///
    /// @param name what the operator would call it
    private record Opened(Path path, String name, Set<String> sections, MagicVariables magic) {

        Path directory() {
            return path.getParent();
        }

        boolean isReading(Path otherPath, Set<String> otherSections) {
            return path.equals(otherPath) && !Collections.disjoint(sections, otherSections);
        }
    }

    public IniReader(Map<String, String> environment, Path cwd, Machine machine, Problems problems) {
        this.environment = environment;
        this.cwd = cwd;
        this.machine = machine;
        this.problems = problems;
    }

    /// Reads a file that the command line names.
    public void read(FileReference reference, Location askedAt) {
        if (reference.isNoFile()) {
            problems.error(askedAt, reference + ": a configuration comes from a file only");
        } else if (reference.file().isEmpty()) {
            problems.error(askedAt, "the name of a file is missing before " + reference);
        } else {
            read(cwd, reference.file(), reference.file(), reference, askedAt);
        }
    }

    /// What has been read so far.
    public List<Entry> entries() {
        return List.copyOf(entries);
    }

    /// The files that have been read so far, by their real paths.
    public List<Path> files() {
        return List.copyOf(files);
    }

    private void include(SourceText value) {
        Placeholders.Outcome expanded = Placeholders.environment(environment, problems).replaceIn(value);
        if (expanded.broken()) {
            return;
        }
        FileReference reference = FileReference.of(expanded.text().toString());
        Opened includer = open.getFirst();
        if (value.toString().contains("%(")) {
            problems.error(value.start(), "an include is read before %(…) is known;"
                    + " it may contain $(…) and magic variables such as %d");
        } else if (reference.isNoFile()) {
            problems.error(value.start(), reference + ": a configuration comes from a file only");
        } else if (reference.file().isEmpty() && reference.section().isEmpty()) {
            problems.error(value.start(), "the name of a file is missing");
        } else if (reference.file().isEmpty()) {
            read(includer.directory(), includer.path().toString(), includer.name(), reference, value.start());
        } else {
            // beside the includer, not where the server happens to be started: a file means the same from everywhere
            String prefix = includer.name().substring(0, includer.name().lastIndexOf('/') + 1);
            String name = reference.file().startsWith("/") ? reference.file() : prefix + reference.file();
            read(includer.directory(), reference.file(), name, reference, value.start());
        }
    }

    private void read(Path directory, String file, String name, FileReference reference, Location askedAt) {
        try {
            Path real = directory.resolve(file).toRealPath();
            Set<String> wanted = reference.section().map(Set::of).orElse(DEFAULT_SECTIONS);
            if (open.stream().anyMatch(opened -> opened.isReading(real, wanted))) {
                problems.error(askedAt, "a cycle: " + reference + " is being read already");
                return;
            }
            byte[] bytes = Files.readAllBytes(real);
            files.add(real);
            MagicVariables magic = MagicVariables.of(real, reference, cwd, machine);
            open.push(new Opened(real, name, wanted, open.isEmpty() ? magic : magic.within(open.getLast().magic())));
            read(IniFile.parse(name, bytes, problems), wanted, askedAt);
            open.pop();
        } catch (IOException | InvalidPathException e) {
            problems.error(askedAt, "cannot read " + name + ": " + Unreadable.reason(e));
        }
    }

    private void read(IniFile file, Set<String> wanted, Location askedAt) {
        if (Collections.disjoint(file.sectionNames(), wanted)) {
            problems.error(askedAt, missingSection(file, wanted));
        }
        file.lines(wanted).forEach(this::read);
    }

    private String missingSection(IniFile file, Set<String> wanted) {
        String missing = inBrackets(wanted).replace(", ", " or ");
        String name = open.getFirst().name();
        return file.sectionNames().isEmpty()
                ? name + " has no section at all; options stand below a line " + missing
                : name + " has no section " + missing + ", only " + inBrackets(file.sectionNames());
    }

    private static String inBrackets(Set<String> names) {
        return String.join(", ", names.stream().map(name -> "[" + name + "]").toList());
    }

    private void read(SourceText line) {
        int equals = line.indexOf('=', 0);
        if (equals < 0) {
            readBare(line);
            return;
        }
        SourceText value = line.slice(equals + 1, line.length());
        if (!value.isEmpty() && value.charAt(0) == '=') {
            problems.warn(value.start(), "a second = directly behind the first is read as one");
            value = value.slice(1, value.length());
        }
        SourceText key = magic(line.slice(0, equals).trimmed());
        if (key.isEmpty()) {
            problems.error(line.start(), "there is no key before the =");
            return;
        }
        take(key, magic(value.trimmed()), false);
    }

    private void readBare(SourceText line) {
        String text = line.toString();
        if (text.contains(" ") || text.contains("\t") || text.contains(":")) {
            problems.error(line.start(), "there is no = in this line; write key = value");
            return;
        }
        take(magic(line), line.slice(line.length(), line.length()), true);
    }

    private SourceText magic(SourceText text) {
        return open.getFirst().magic().replaceIn(text, problems);
    }

    private void take(SourceText key, SourceText value, boolean bare) {
        if (Directive.INCLUDE.has(key.toString())) {
            include(value);
        } else {
            Entry.of(Origin.FILE, key, value, bare, open.getFirst().directory(), problems).ifPresent(entries::add);
        }
    }
}
