package loomgate.server.master;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import loomgate.server.config.Configuration;
import loomgate.server.config.JvmSettings;
import loomgate.server.config.MasterSettings;
import loomgate.server.config.WorkerSettings;
import loomgate.server.control.ExitCode;
import loomgate.server.os.Descriptor;
import loomgate.server.os.MemorySupply;
import loomgate.server.os.Program;
import loomgate.server.systemd.ServiceManager;

/// The JVM that a worker runs in: its command line, class path and environment.
///
/// @param directory   where it starts
/// @param environment all of it
/// @param options     of the JVM
/// @param classPath   the server's own jar and what the configuration names, in that order
record WorkerProgram(Path directory, Map<String, String> environment, List<String> options, List<Path> classPath) {

    private static final String MAIN = "loomgate.server.cli.Main";
    private static final String WORKER = "worker";
    private static final String ALONE = "alone";
    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    /// What every worker may do with the JDK's modules.
    static final List<String> MODULE_OPTIONS = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED", // os.PeerState
            "--add-exports=java.base/jdk.internal.access=ALL-UNNAMED"); // os.PromptExit

    WorkerProgram {
        environment = Map.copyOf(environment);
        options = List.copyOf(options);
        classPath = List.copyOf(classPath);
    }

    /// @throws StartException if a part of the class path or the working directory does not exist, or memory is short
    static WorkerProgram of(Configuration configuration) throws StartException, IOException {
        JvmSettings jvm = configuration.master().jvm();
        if (!Files.isDirectory(jvm.chdir())) {
            throw wrong("chdir = " + jvm.chdir() + ": there is no such directory");
        }
        Map<String, String> environment = environment(configuration);
        OperatorOptions given = OperatorOptions.of(jvm.options(), environment);
        MemoryBudget memory = MemoryBudget.of(circumstances(configuration), given);
        memory.arenas().ifPresent(arenas -> environment.put("MALLOC_ARENA_MAX", Integer.toString(arenas)));
        List<String> options = new ArrayList<>(ownOptions(carriers(configuration), given));
        options.addAll(memory.options());
        options.addAll(jvm.options());
        return new WorkerProgram(jvm.chdir(), environment, options, classPath(jvm));
    }

    private static Map<String, String> environment(Configuration configuration) throws StartException, IOException {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.keySet().removeAll(ServiceManager.VARIABLES);
        Optional<ServerUser> user = ServerUser.of(configuration.master());
        user.ifPresent(known -> known.adapt(environment));
        environment.putAll(configuration.master().jvm().environment());
        return environment;
    }

    /// How large its JVM is.
    static MemoryBudget memory(Configuration configuration) throws StartException, IOException {
        return MemoryBudget.of(circumstances(configuration),
                OperatorOptions.of(configuration.master().jvm().options(), environment(configuration)));
    }

    /// The same with another class path.
    WorkerProgram with(List<Path> otherClassPath) {
        return new WorkerProgram(directory, environment, options, otherClassPath);
    }

    /// The same with one option more.
    WorkerProgram with(String option) {
        List<String> more = new ArrayList<>(options);
        more.add(option);
        return new WorkerProgram(directory, environment, more, classPath);
    }

    /// What to run for the worker of that number.
    ///
    /// @param descriptors control channel, standard output and error, listeners
    Program program(int worker, List<Descriptor> descriptors) {
        return program(Integer.toString(worker), descriptors);
    }

    /// What to run for the one worker that has no master.
    Program programOfALoneOne(List<Descriptor> descriptors) {
        return program(ALONE, descriptors);
    }

    /// Whether a process of this command line is a server: all that begin in the main class are, except for the workers
    /// of a master.
    static boolean isServer(List<String> command) {
        int words = command.indexOf(MAIN) + 1;
        return words > 0 && words < command.size()
                && (!command.get(words).equals(WORKER) || command.getLast().equals(ALONE));
    }

    /// @param who for [#isServer], and for eyes that read `ps`
    private Program program(String who, List<Descriptor> descriptors) {
        List<String> arguments = new ArrayList<>(List.of(JAVA.toString()));
        arguments.addAll(options);
        arguments.add("-classpath");
        arguments.add(classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
        arguments.addAll(List.of(MAIN, WORKER, who));
        return new Program(JAVA, arguments, environment, directory, descriptors);
    }

    /// What it reads from the first moment on: the JVM itself and its class path.
    List<Path> files() {
        List<Path> files = new ArrayList<>(List.of(JAVA));
        files.addAll(classPath);
        return files;
    }

    private static MemoryBudget.Circumstances circumstances(Configuration configuration) throws IOException {
        MasterSettings master = configuration.master();
        WorkerSettings worker = configuration.worker();
        return new MemoryBudget.Circumstances(MemorySupply.here(), master.supervised() ? master.processes() + 1 : 1,
                master.supervised(), carriers(configuration), worker.cpuBound() ? worker.threads() : 0,
                master.recycling());
    }

    /// Hand-overs between carriers are what a request costs, so a worker has no more of them than its share of the
    /// cores, and one poller thread, not one virtual thread a carrier (docs/decisions/0003-carriers-and-pollers.md).
    private static int carriers(Configuration configuration) {
        return Math.max(1, Runtime.getRuntime().availableProcessors() / configuration.master().processes());
    }

    private static List<String> ownOptions(int carriers, OperatorOptions given) {
        List<String> options = new ArrayList<>(MODULE_OPTIONS);
        options.add("-Djdk.virtualThreadScheduler.parallelism=" + carriers);
        if (carriers == 1) {
            options.add("-Djdk.pollerMode=1");
        }
        if (!Collector.isChosenBy(given)) {
            options.add("-XX:+UseSerialGC"); // the JVM refuses two
        }
        if (!given.has("-XX:+UseCountedLoopSafepoints", "-XX:-UseCountedLoopSafepoints", "-XX:LoopStripMiningIter=")) {
            // what G1 has by itself; otherwise a collection, and with it every request, waits for the longest loop that
            // counts an int: up to 1.7 s measured, 11 ms with these
            options.add("-XX:+UseCountedLoopSafepoints");
            options.add("-XX:LoopStripMiningIter=1000");
        }
        return options;
    }

    private static List<Path> classPath(JvmSettings jvm) throws StartException, IOException {
        List<Path> paths = new ArrayList<>();
        for (String own : System.getProperty("java.class.path").split(File.pathSeparator)) {
            paths.add(Path.of(own).toAbsolutePath());
        }
        if (jvm.home().isPresent()) {
            paths.addAll(homePaths(jvm.home().get()));
        }
        for (Path path : jvm.classPath()) {
            paths.addAll(expanded(path));
        }
        return paths;
    }

    private static List<Path> homePaths(Path home) throws StartException, IOException {
        if (!Files.isDirectory(home)) {
            throw wrong("home = " + home + ": there is no such directory");
        }
        List<Path> paths = new ArrayList<>();
        if (Files.isDirectory(home.resolve("classes"))) {
            paths.add(home.resolve("classes"));
        }
        if (Files.isDirectory(home.resolve("lib"))) {
            paths.addAll(jarsIn(home.resolve("lib")));
        }
        return paths;
    }

    /// A missing entry is what a JVM passes over in silence, to fail later with a class that is not found.
    private static List<Path> expanded(Path path) throws StartException, IOException {
        if (path.endsWith("*")) {
            if (!Files.isDirectory(path.getParent())) {
                throw wrong("jvm-classpath = " + path + ": there is no directory " + path.getParent());
            }
            return jarsIn(path.getParent());
        }
        if (!Files.exists(path)) {
            throw wrong("jvm-classpath = " + path + ": there is no such file or directory");
        }
        return List.of(path);
    }

    private static List<Path> jarsIn(Path directory) throws IOException {
        List<Path> jars = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.jar")) {
            found.forEach(jars::add);
        }
        jars.sort(null); // the same order on every machine
        return jars;
    }

    private static StartException wrong(String problem) {
        return new StartException(ExitCode.CONFIGURATION_WRONG, problem);
    }
}
