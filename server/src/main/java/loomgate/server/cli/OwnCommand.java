package loomgate.server.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import loomgate.server.master.OwnProgram;
import loomgate.server.os.Descriptor;
import loomgate.server.os.Program;

/// The command that this process was started by: JVM, its options, class path and words.
///
/// @param all what follows the command's name, be that said or not
record OwnCommand(List<String> all) implements OwnProgram {

    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
    private static final Path COMMAND = Path.of("/proc/self/cmdline");

    private static final String RUN = "run";
    private static final String RESTART = "restart"; // which ends as `run` does

    /// The same command.
    static Program again(List<Descriptor> descriptors) throws IOException {
        return program(arguments(), descriptors);
    }

    /// The same command in the background.
    ///
    /// @param descriptors with the channel to its starter as the last
    Program daemon(List<Descriptor> descriptors) throws IOException {
        return inRole(Role.Kind.DAEMON, new Descriptor(descriptors.size() - 1), descriptors);
    }

    @Override
    public Program candidate(List<Descriptor> descriptors) throws IOException {
        return inRole(Role.Kind.CANDIDATE, new Descriptor(descriptors.size() - 1), descriptors);
    }

    @Override
    public Program successor(Descriptor heritage, List<Descriptor> descriptors) throws IOException {
        return inRole(Role.Kind.SUCCESSOR, heritage, descriptors);
    }

    private Program inRole(Role.Kind kind, Descriptor channel, List<Descriptor> descriptors) throws IOException {
        List<String> arguments = arguments();
        int words = arguments.size() - all.size();
        if (words < 1 || !arguments.subList(words, arguments.size()).equals(all)) {
            throw new IOException("the command line of this process does not end with " + String.join(" ", all)
                    + ": were they in a file, java @FILE?");
        }
        arguments.subList(arguments.size() - all.size(), arguments.size()).clear();
        if (arguments.getLast().equals(RUN) || arguments.getLast().equals(RESTART)) {
            arguments.removeLast();
        }
        arguments.add(RUN);
        arguments.addAll(new Role(kind, channel, words()).allWords());
        return program(arguments, descriptors);
    }

    /// What the operator has written behind the command's name.
    List<String> words() {
        return Role.in(all).map(Role::words).orElse(all);
    }

    /// By the path that it was started by, which may be a link that leads to another JDK by now.
    private static Path java(String name) {
        Path given = Path.of(name).toAbsolutePath();
        return name.contains("/") && Files.isExecutable(given) ? given : JAVA;
    }

    private static List<String> arguments() throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of(Files.readString(COMMAND, StandardCharsets.UTF_8).split("\0", -1)));
        arguments.removeLast(); // what is behind the last NUL
        return arguments;
    }

    private static Program program(List<String> arguments, List<Descriptor> descriptors) {
        return new Program(java(arguments.getFirst()), arguments, System.getenv(), Path.of("").toAbsolutePath(),
                descriptors);
    }
}
