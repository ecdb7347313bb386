package loomgate.server.config.option;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import loomgate.server.config.ini.Value;

/// One option, described completely and once: reading, `--help` and the reference page all come from this.
///
/// Declared beside the settings record that it fills, as a constant; the option table lists the constants.
public final class Option<T> {

    private final Declaration<T> declared;

    private Option(Declaration<T> declared) {
        this.declared = declared;
    }

    /// Starts a declaration.
    public static <T> Declaration<T> option(String name, ValueKind<T> kind) {
        return new Declaration<>(name, kind);
    }

    /// An option while it is being declared.
    public static final class Declaration<T> {

        private final String name;
        private final ValueKind<T> kind;
        private Chapter chapter = Chapter.FILE;
        private List<String> aliases = List.of();
        private List<String> formerNames = List.of();
        private Optional<Character> letter = Optional.empty();
        private Optional<T> standard = Optional.empty();
        private String summary = "";
        private String prose = "";
        private String uwsgi = "";
        private boolean repeatable;
        private boolean restartNeeded;
        private boolean secret;

        private Declaration(String name, ValueKind<T> kind) {
            this.name = name;
            this.kind = kind;
        }

        public Declaration<T> in(Chapter value) {
            chapter = value;
            return this;
        }

        /// Other names with the same meaning.
        public Declaration<T> alias(String... names) {
            aliases = List.of(names);
            return this;
        }

        /// Names that it had in earlier versions: an error that gives the new one.
        public Declaration<T> formerly(String... names) {
            formerNames = List.of(names);
            return this;
        }

        /// The short form on the command line.
        public Declaration<T> letter(char value) {
            letter = Optional.of(value);
            return this;
        }

        /// The value when nobody gives one.
        public Declaration<T> standard(T value) {
            standard = Optional.of(value);
            return this;
        }

        /// One line.
        public Declaration<T> summary(String value) {
            summary = value;
            return this;
        }

        /// What else there is to know.
        public Declaration<T> prose(String value) {
            prose = value;
            return this;
        }

        /// How it differs from uWSGI's option of that name.
        public Declaration<T> uwsgi(String value) {
            uwsgi = value;
            return this;
        }

        /// Each mention adds a value; otherwise the last counts.
        public Declaration<T> repeatable() {
            repeatable = true;
            return this;
        }

        /// A changed value has no effect before a restart; otherwise a reload applies it.
        public Declaration<T> restartNeeded() {
            restartNeeded = true;
            return this;
        }

        /// Its value is shown to nobody.
        public Declaration<T> secret() {
            secret = true;
            return this;
        }

        public Option<T> declared() {
            return new Option<>(this);
        }
    }

    public String name() {
        return declared.name;
    }

    public ValueKind<T> kind() {
        return declared.kind;
    }

    public Chapter chapter() {
        return declared.chapter;
    }

    public List<String> aliases() {
        return declared.aliases;
    }

    /// The name and all aliases.
    public List<String> names() {
        return Stream.concat(Stream.of(name()), aliases().stream()).toList();
    }

    public List<String> formerNames() {
        return declared.formerNames;
    }

    public Optional<Character> letter() {
        return declared.letter;
    }

    public Optional<T> standard() {
        return declared.standard;
    }

    public String summary() {
        return declared.summary;
    }

    public String prose() {
        return declared.prose;
    }

    public String uwsgi() {
        return declared.uwsgi;
    }

    /// Whether it is a matter of yes or no.
    public boolean isFlag() {
        return kind().bare().filter("true"::equals).isPresent();
    }

    public boolean isRepeatable() {
        return declared.repeatable;
    }

    public boolean isRestartNeeded() {
        return declared.restartNeeded;
    }

    public boolean isSecret() {
        return declared.secret;
    }

    /// The value that counts, or the default. Only for options that have one.
    public T in(Given given) {
        return ifIn(given).or(this::standard).orElseThrow();
    }

    /// The value that counts, if there is one.
    public Optional<T> ifIn(Given given) {
        return allIn(given).stream().reduce((_, last) -> last);
    }

    /// All values that count, in order.
    public List<T> allIn(Given given) {
        return given.counting(this).stream().map(value -> parse(value, given)).flatMap(Optional::stream).toList();
    }

    /// The value in the form that reads back as the same value everywhere; empty if it is no value at all.
    public Optional<String> canonical(Value value, Given given) {
        return parse(value, given).map(kind().writing());
    }

    /// The parsed value; empty, with the problem reported, if it is none.
    public Optional<T> parse(Value value, Given given) {
        if (value.broken()) {
            return Optional.empty();
        }
        try {
            return Optional.of(kind().reading().read(textOf(value), given.directories()));
        } catch (InvalidValue e) {
            String key = value.entry().key();
            boolean missing = value.entry().bare() || value.text().isEmpty();
            given.problems().error(missing ? value.entry().at() : value.entry().value().start(),
                    key + ": " + e.getMessage() + (missing ? "; write " + key + " = " + kind().argument() : ""));
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return name();
    }

    private String textOf(Value value) {
        return value.entry().bare() ? kind().bare().orElse("") : value.text();
    }
}
