package loomgate.server.config.ini;

import java.util.Map;
import java.util.Optional;

/// One pass over a value: each `x(name)` of one kind is replaced by what the name stands for.
final class Placeholders {

    /// Tells what a name stands for, or reports why it stands for nothing.
    interface Source {
        Optional<String> replacement(String name, Location at);
    }

    /// @param text   literal where it was replaced
    /// @param broken whether something could not be replaced
    record Outcome(SourceText text, boolean broken) {}

    private final char mark;
    private final Source source;
    private final Problems problems;

    Placeholders(char mark, Source source, Problems problems) {
        this.mark = mark;
        this.source = source;
        this.problems = problems;
    }

    /// `$(NAME)`
    static Placeholders environment(Map<String, String> environment, Problems problems) {
        return new Placeholders('$', (name, at) -> {
            Optional<String> value = Optional.ofNullable(environment.get(name));
            if (value.isEmpty()) {
                problems.error(at, "$(" + name + "): there is no such variable in the environment");
            }
            return value;
        }, problems);
    }

    Outcome replaceIn(SourceText text) {
        SourceText.Rewriting rewriting = text.rewriting();
        boolean broken = false;
        for (int i = text.indexOf(mark, 0); i >= 0; i = text.indexOf(mark, i)) {
            if (!text.isSyntax(i, mark) || i + 1 == text.length() || text.charAt(i + 1) != '(') {
                i++;
                continue;
            }
            int end = text.indexOf(')', i);
            if (end < 0) {
                problems.error(text.at(i), mark + "( without its )");
                return new Outcome(text, true);
            }
            Optional<String> replacement = source.replacement(text.slice(i + 2, end).toString(), text.at(i));
            if (replacement.isPresent()) {
                rewriting.keepUntil(i);
                rewriting.replaceUntil(end + 1, replacement.get());
            }
            broken |= replacement.isEmpty();
            i = end + 1;
        }
        return new Outcome(rewriting.result(), broken);
    }
}
