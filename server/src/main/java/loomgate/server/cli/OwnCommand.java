package loomgate.server.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import loomgate.server.os.Descriptor;
import loomgate.server.os.Program;

/// The command that this process was started by: JVM, its options, class path and words.
final class OwnCommand {

    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
    private static final Path COMMAND = Path.of("/proc/self/cmdline");

    private static final String RUN = "run";
    private static final String RESTART = "restart"; // which ends as `run` does

    private OwnCommand() {}

    /// The same command.
    static Program again(List<Descriptor> descriptors) throws IOException {
        return program(arguments(), descriptors);
    }

    /// The same command with a word in front of what follows `run`.
    ///
    /// @param words what follows `run`, be that said or not
    static Program withWord(String word, List<String> words, List<Descriptor> descriptors) throws IOException {
        List<String> arguments = arguments();
        arguments.subList(arguments.size() - words.size(), arguments.size()).clear();
        if (arguments.getLast().equals(RUN) || arguments.getLast().equals(RESTART)) {
            arguments.removeLast();
        }
        arguments.add(RUN);
        arguments.add(word);
        arguments.addAll(words);
        return program(arguments, descriptors);
    }

    private static List<String> arguments() throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of(Files.readString(COMMAND, StandardCharsets.UTF_8).split("\0", -1)));
        arguments.removeLast(); // what is behind the last NUL
        return arguments;
    }

    private static Program program(List<String> arguments, List<Descriptor> descriptors) {
        return new Program(JAVA, arguments, System.getenv(), Path.of("").toAbsolutePath(), descriptors);
    }
}
