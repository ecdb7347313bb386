package loomgate.server.master;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What the operator gives the workers' JVM: `jvm-opt`, and the variables that a JVM reads. None of it is overruled, so
/// this tells what Loomgate has to leave out. Options in files (`-XX:Flags`, `@file`) are not seen.
///
/// @param words     in the order in which the JVM reads them; the last one counts
/// @param variables the workers' environment
record OperatorOptions(List<String> words, Map<String, String> variables) {

    private static final Pattern WORD = Pattern.compile("(?:[^\\s\"']|\"[^\"]*\"|'[^']*')+");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})([kKmMgGtT]?)");

    OperatorOptions {
        words = List.copyOf(words);
        variables = Map.copyOf(variables);
    }

    /// @param jvmOptions  of the INI
    /// @param environment that the workers will have
    static OperatorOptions of(List<String> jvmOptions, Map<String, String> environment) {
        List<String> words = new ArrayList<>();
        words.addAll(wordsOf(environment.getOrDefault("JAVA_TOOL_OPTIONS", "")));
        words.addAll(wordsOf(environment.getOrDefault("JDK_JAVA_OPTIONS", "")));
        words.addAll(jvmOptions);
        words.addAll(wordsOf(environment.getOrDefault("_JAVA_OPTIONS", "")));
        return new OperatorOptions(words, environment);
    }

    private static List<String> wordsOf(String variable) {
        return WORD.matcher(variable).results().map(word -> word.group().replaceAll("[\"']", "")).toList();
    }

    /// Whether there is an option that begins with one of these.
    boolean has(String... beginnings) {
        return last(beginnings).isPresent();
    }

    boolean matches(String regex) {
        return words.stream().anyMatch(word -> word.matches(regex));
    }

    /// The size behind the last option that begins with one of these; empty if there is none, or it is no size, which
    /// the JVM will say better.
    OptionalLong bytes(String... beginnings) {
        return last(beginnings).map(OperatorOptions::size).orElse(OptionalLong.empty());
    }

    /// The same for a share of a hundred.
    OptionalDouble percentage(String beginning) {
        Optional<String> text = last(beginning);
        return text.isPresent() && text.get().matches("\\d{1,3}(\\.\\d+)?")
                ? OptionalDouble.of(Double.parseDouble(text.get()))
                : OptionalDouble.empty();
    }

    private Optional<String> last(String... beginnings) {
        return words.reversed().stream()
                .flatMap(word -> Stream.of(beginnings).filter(word::startsWith).map(b -> word.substring(b.length())))
                .findFirst();
    }

    private static OptionalLong size(String text) {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            return OptionalLong.empty();
        }
        int power = size.group(2).isEmpty() ? 0 : 1 + "kmgt".indexOf(size.group(2).toLowerCase(Locale.ROOT));
        long number = Long.parseLong(size.group(1));
        return number > Long.MAX_VALUE >> 10 * power
                ? OptionalLong.empty()
                : OptionalLong.of(number << 10 * power);
    }
}
