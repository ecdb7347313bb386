package loomgate.server.protocol.fuzz;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import loomgate.server.protocol.CorpusCase;
import loomgate.server.protocol.uwsgi.UwsgiCorpus;

/// One run of the fuzzer on one parser, in a process of its own: `FuzzRun http|uwsgi SECONDS FOLDER`.
///
/// The folder gets `seeds`, the corpus's cases, and `words`, what they are made of; `corpus`, bytes that led to new
/// code, which the next run in the same folder begins with; `finds`, bytes with which something does not hold; and
/// `log`, all that the fuzzer says.
public final class FuzzRun {

    /// What can be fuzzed.
    public enum Target {
        HTTP(HttpFuzz.class, "loomgate.server.protocol.http."),
        UWSGI(UwsgiFuzz.class, "loomgate.server.protocol.uwsgi.");

        private final Class<?> target;
        private final String parser; // prefix of its classes

        Target(Class<?> target, String parser) {
            this.target = target;
            this.parser = parser;
        }

        /// What the peer sends, by the name of the case.
        private Map<String, byte[]> seeds() {
            Map<String, byte[]> seeds = new TreeMap<>();
            switch (this) {
                case HTTP -> CorpusCase.in("http").forEach(one -> seeds.put(one.name(), one.bytes()));
                case UWSGI -> UwsgiCorpus.cases().forEach(one -> seeds.put(one.name(), UwsgiCorpus.bytes(one)));
            }
            return seeds;
        }

        /// A word as it stands in a message: in a packet behind its length.
        private String inMessage(String word) {
            return this == HTTP ? word : "\\x%02x\\x00%s".formatted(word.length(), word);
        }
    }

    /// How a run ended.
    ///
    /// @param executions of the target
    /// @param edges      of the code's flow that were taken, as the fuzzer counts them
    /// @param find       the find, with its bytes as a case for the corpus; empty if there was none
    public record Result(long executions, int edges, String find) {}

    /// Longer than any message that fits the limits that the targets set.
    private static final int MOST_BYTES = 2048;

    /// What both parsers are made of.
    private static final String SHARED = "loomgate.server.net.ByteInput:" + Stream.of("FixedLengthBody", "NameTable",
            "Octets", "RequestBody", "RequestPath").map(name -> "loomgate.server.protocol." + name)
            .collect(Collectors.joining(":"));

    private static final Pattern WORD = Pattern.compile("[A-Za-z][A-Za-z0-9_/-]{2,30}");

    private static final Pattern DETAIL =
            Pattern.compile("#\\d+\\s+(NEW|REDUCE|RELOAD) .*|INFO: (Loaded|Instrumented) .*");
    private static final Pattern EXECUTIONS = Pattern.compile("stat::number_of_executed_units: (\\d+)");
    private static final Pattern EDGES =
            Pattern.compile("#\\d+\\s+(?:INITED|NEW|REDUCE|RELOAD|pulse|DONE) +cov: (\\d+) .*");

    private final Target target;
    private final Path folder;

    public FuzzRun(Target target, Path folder) {
        this.target = target;
        this.folder = folder.toAbsolutePath();
    }

    /// @param arguments see above
    public static void main(String[] arguments) throws Exception {
        Target target = Target.valueOf(arguments[0].toUpperCase(Locale.ROOT));
        FuzzRun run = new FuzzRun(target, Path.of(arguments[2]));
        Result result = run.start(Duration.ofSeconds(Long.parseLong(arguments[1])), System.out);
        boolean isFind = !result.find().isEmpty();
        if (!isFind) {
            System.out.print(run.coverage());
        }
        System.out.println(target + ": " + result.executions() + " executions, " + result.edges() + " edges taken, "
                + (isFind ? "FOUND:\n" + result.find() : "nothing found"));
        System.exit(isFind ? 1 : 0);
    }

    /// Runs the fuzzer for that long, or until it finds something.
    ///
    /// @param out gets what it says, the many details apart
    public Result start(Duration time, PrintStream out) throws IOException, InterruptedException {
        for (String name : List.of("seeds", "corpus", "finds")) {
            Files.createDirectories(folder.resolve(name));
        }
        writeSeeds();
        Process process = new ProcessBuilder(command(time))
                .directory(folder.toFile()).redirectErrorStream(true).start();
        Thread end = new Thread(process::destroy); // when this process is ended, so is that one
        Runtime.getRuntime().addShutdownHook(end);
        try (BufferedReader said = process.inputReader()) {
            Result result = follow(said, out);
            int status = process.waitFor();
            boolean isExplained = status == 0 || !result.find().isEmpty();
            return isExplained ? result
                    : new Result(result.executions(), result.edges(), "the fuzzer ended with " + status + ", see "
                            + folder.resolve("log"));
        } finally {
            process.destroy();
            Runtime.getRuntime().removeShutdownHook(end);
        }
    }

    /// The seeds, and their words as a dictionary, which the fuzzer inserts here and there.
    private void writeSeeds() throws IOException {
        Set<String> words = new TreeSet<>();
        for (Map.Entry<String, byte[]> seed : target.seeds().entrySet()) {
            Files.write(folder.resolve("seeds").resolve(seed.getKey()), seed.getValue());
            WORD.matcher(Outcome.text(seed.getValue())).results().forEach(word -> words.add(word.group()));
        }
        Files.write(folder.resolve("words"),
                words.stream().map(word -> "\"" + target.inMessage(word) + "\"").toList());
    }

    /// What the seeds and all that was found worth keeping reach, by class.
    private String coverage() throws Exception {
        return FuzzCoverage.of(target.target.getName(), target.parser,
                List.of(folder.resolve("seeds"), folder.resolve("corpus")));
    }

    private List<String> command(Duration time) {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m", "-XX:+UseSerialGC", "-XX:+EnableDynamicAgentLoading", "-Xshare:off",
                "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                "-cp", classPath, "com.code_intelligence.jazzer.Jazzer"));
        command.addAll(List.of(
                "--target_class=" + target.target.getName(),
                "--instrumentation_includes=" + target.parser + "**:" + SHARED,
                "--trace=cov", // that of comparisons makes it five times slower, and the dictionary has their texts
                "--reproducer_path=" + folder.resolve("finds")));
        command.addAll(List.of( // of libFuzzer
                "-max_total_time=" + time.toSeconds(), "-max_len=" + MOST_BYTES, "-timeout=10", "-rss_limit_mb=0",
                "-print_final_stats=1", "-dict=" + folder.resolve("words"),
                "-artifact_prefix=" + folder.resolve("finds") + "/",
                folder.resolve("corpus").toString(), folder.resolve("seeds").toString()));
        return command;
    }

    private Result follow(BufferedReader said, PrintStream out) throws IOException {
        long executions = 0;
        int edges = 0;
        StringBuilder find = new StringBuilder();
        boolean isWithinFind = false;
        try (PrintStream log = new PrintStream(Files.newOutputStream(folder.resolve("log")))) {
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                log.println(line);
                if (!DETAIL.matcher(line).matches()) {
                    out.println(line);
                }
                executions = last(EXECUTIONS, line, executions);
                edges = (int) last(EDGES, line, edges);
                isWithinFind |= line.startsWith("== Java Exception");
                isWithinFind &= !line.startsWith("DEDUP_TOKEN");
                if (isWithinFind || line.startsWith("==") && line.contains("ERROR: libFuzzer")) {
                    find.append(line).append('\n');
                }
            }
        }
        return new Result(executions, edges, find.toString());
    }

    private static long last(Pattern pattern, String line, long otherwise) {
        var matcher = pattern.matcher(line);
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : otherwise;
    }
}
