package loomgate.server.config;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import loomgate.server.config.ini.Directive;
import loomgate.server.config.ini.Entry;
import loomgate.server.config.ini.Entry.Origin;
import loomgate.server.config.ini.FileReference;
import loomgate.server.config.ini.Location;
import loomgate.server.config.ini.Problems;
import loomgate.server.config.ini.SourceText;
import loomgate.server.config.option.Option;

/// The words of the command line, sorted into files to read and entries of its own.
final class CommandLine {

    static final Location LOCATION = Location.of("command line");

    /// Letters of uWSGI's for options that this server has no use for; none of them takes a value.
    private static final Map<Character, String> LETTERS_WITHOUT_MEANING =
            Map.of('T', "enable-threads", 'i', "single-interpreter");

    private final Deque<String> words;
    private final Path cwd;
    private final Problems problems;
    private final List<FileReference> files = new ArrayList<>();
    private final List<Entry> entries = new ArrayList<>();

    CommandLine(List<String> words, Path cwd, Problems problems) {
        this.words = new ArrayDeque<>(words);
        this.cwd = cwd;
        this.problems = problems;
        while (!this.words.isEmpty()) {
            take(this.words.pop());
        }
    }

    /// The files that are named, in order.
    List<FileReference> files() {
        return files;
    }

    List<Entry> entries() {
        return entries;
    }

    private void take(String word) {
        if (word.startsWith("--") && word.length() > 2) {
            takeLong(word.substring(2));
        } else if (word.startsWith("-") && word.length() > 1 && !word.equals("--")) {
            takeLetters(word.substring(1));
        } else if (FileReference.of(word).namesIni()) {
            files.add(FileReference.of(word));
        } else {
            problems.error(LOCATION, "'" + word + "' is neither an option nor the name of an .ini file;"
                    + " options that can stand alone take a value only with =, as in --master=false");
        }
    }

    private void takeLong(String word) {
        int equals = word.indexOf('=');
        if (equals >= 0) {
            add(word.substring(0, equals), Optional.of(word.substring(equals + 1)));
        } else {
            add(word, nextIsValueOf(word) ? Optional.of(words.pop()) : Optional.empty());
        }
    }

    /// An option that can stand alone never takes the next word: it may be a file's name.
    private boolean nextIsValueOf(String name) {
        if (words.isEmpty()) {
            return false;
        }
        String next = words.peek();
        return OptionTable.find(name)
                .map(option -> option.kind().bare().isEmpty() && !next.startsWith("--"))
                .orElse(!next.startsWith("-") && !FileReference.of(next).namesIni());
    }

    /// One letter with its value in the same or the next word, or several letters of options that need none.
    private void takeLetters(String letters) {
        for (int i = 0; i < letters.length(); i++) {
            char letter = letters.charAt(i);
            Optional<Option<?>> option = OptionTable.withLetter(letter);
            String name = option.map(Option::name).orElse(LETTERS_WITHOUT_MEANING.get(letter));
            if (name == null) {
                problems.error(LOCATION, "-" + letter + ": no such option");
                return;
            }
            String rest = letters.substring(i + 1);
            if (option.isPresent() && option.get().kind().bare().isEmpty()) {
                add(name, rest.isEmpty() ? Optional.ofNullable(words.poll()) : Optional.of(rest));
                return;
            }
            if (!rest.isEmpty() && Character.isDigit(rest.charAt(0))) { // -C660: no letter is a digit
                add(name, Optional.of(rest));
                return;
            }
            add(name, Optional.empty());
        }
    }

    private void add(String key, Optional<String> value) {
        if (Directive.INCLUDE.has(key)) {
            value.ifPresentOrElse(name -> files.add(FileReference.of(name)),
                    () -> problems.error(LOCATION, "--" + key + " needs the name of a file"));
            return;
        }
        SourceText name = SourceText.word(LOCATION.source(), key);
        SourceText text = SourceText.word(LOCATION.source(), value.orElse(""));
        Entry.of(Origin.COMMAND_LINE, name, text, value.isEmpty(), cwd, problems).ifPresent(entries::add);
    }
}
