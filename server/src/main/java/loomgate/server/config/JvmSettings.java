package loomgate.server.config;

import static loomgate.server.config.option.Option.option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import loomgate.server.config.option.Chapter;
import loomgate.server.config.option.Directories;
import loomgate.server.config.option.Given;
import loomgate.server.config.option.InvalidValue;
import loomgate.server.config.option.Option;
import loomgate.server.config.option.ValueKind;
import loomgate.server.config.option.Values;

/// What a worker's JVM is started with.
///
/// @param chdir       its working directory
/// @param home        the application's environment: `lib/*.jar` and `classes` in it belong to the class path
/// @param classPath   further entries, absolute; the last name of one may be `*`, for all jars of that directory
/// @param options     for the JVM itself, one argument each
/// @param environment variables set over those that the server was started with
public record JvmSettings(
        Path chdir, Optional<Path> home, List<Path> classPath, List<String> options, Map<String, String> environment) {

    private static final Set<String> CLASS_PATH_OPTIONS = Set.of("-cp", "-classpath", "--class-path", "-jar");

    static final Option<Path> CHDIR = option("chdir", Values.pathFromStart("DIR"))
            .in(Chapter.APPLICATION)
            .summary("Working directory of the workers.")
            .prose("The default is the directory the server is started in.")
            .declared();

    static final Option<Path> HOME = option("home", Values.pathFromChdir("DIR"))
            .in(Chapter.APPLICATION).alias("virtualenv", "venv", "pyhome").letter('H')
            .summary("The application's environment: lib/*.jar and classes in it join the class path.")
            .uwsgi("What a virtualenv is for Python. It is checked before anything is bound.")
            .declared();

    static final Option<List<Path>> CLASSPATH = option("jvm-classpath", classPathKind())
            .in(Chapter.APPLICATION).repeatable()
            .summary("Jars and directories of classes.")
            .prose("Several in one line have colons between them. `dir/*` is every jar in that directory.")
            .declared();

    static final Option<String> OPTION = option("jvm-opt", jvmOption())
            .in(Chapter.APPLICATION).repeatable()
            .summary("An option for the workers' JVM, one a line: -Xmx512m.")
            .prose("""
                    It wins over what Loomgate chooses: heap, code cache, class space and direct memory are sized to \
                    fit, as `docs/operations.md` tells. \
                    The class path has an option of its own. `-Xrs` is refused: it takes away the signals that the \
                    server is steered by.""")
            .declared();

    static final Option<String> ENV = option("env", environmentVariable())
            .in(Chapter.APPLICATION).repeatable().secret()
            .summary("An environment variable for the workers.")
            .prose("Added to what the server was started with. It does not change what `$(NAME)` stands for.")
            .declared();

    static final List<Option<?>> OPTIONS = List.of(CHDIR, HOME, CLASSPATH, OPTION, ENV);

    public JvmSettings {
        classPath = List.copyOf(classPath);
        options = List.copyOf(options);
        environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    }

    static JvmSettings from(Given given) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String variable : ENV.allIn(given)) {
            int equals = variable.indexOf('=');
            environment.put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        return new JvmSettings(given.directories().chdir(), HOME.ifIn(given),
                CLASSPATH.allIn(given).stream().flatMap(List::stream).toList(), OPTION.allIn(given), environment);
    }

    private static ValueKind<List<Path>> classPathKind() {
        return ValueKind.of("PATH[:PATH]", JvmSettings::classPath,
                paths -> paths.stream().map(Path::toString).collect(Collectors.joining(":")));
    }

    private static List<Path> classPath(String text, Directories directories) throws InvalidValue {
        List<Path> paths = new ArrayList<>();
        for (String element : Values.nonEmpty(text).split(":")) {
            if (!element.isEmpty()) { // java takes an empty element for the current directory, which nobody means
                paths.add(Values.path(element, directories.chdir()));
            }
        }
        return paths;
    }

    private static ValueKind<String> jvmOption() {
        return ValueKind.of("OPTION", (text, _) -> {
            if (!Values.nonEmpty(text).startsWith("-")) {
                throw new InvalidValue("'" + text + "' is no JVM option, which starts with -");
            }
            if (CLASS_PATH_OPTIONS.contains(text.split("[ =]")[0])) {
                throw new InvalidValue("the class path is given by jvm-classpath or home, the application by module");
            }
            if (text.equals("-Xrs")) {
                throw new InvalidValue("-Xrs takes away the signals that the server is steered by");
            }
            if (!text.startsWith("-D") && text.contains(" -")) {
                throw new InvalidValue("more than one option; give each a line of its own");
            }
            return text;
        }, text -> text);
    }

    private static ValueKind<String> environmentVariable() {
        return ValueKind.of("NAME=VALUE", (text, _) -> {
            if (Values.nonEmpty(text).indexOf('=') < 1) {
                throw new InvalidValue("needs a name and a value; write env = NAME=value");
            }
            return text;
        }, text -> text);
    }
}
