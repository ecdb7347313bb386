package loomgate.server.master;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a worker's JVM has found out about the server's classes in a run before (JEP 514), so that the next one starts in
/// half the time: a file beside `loomgate.jar`, which `loomgate aot-cache` makes and no running server ever writes.
///
/// The classes in a cache take the place of those in the jar, and a JVM does not look whether they are the same
/// (docs/decisions/0007-aot-cache.md). So the file ends with the jar that it was made of, and is used for no other.
///
/// @param jar  the server's own
/// @param file of the cache, whether it exists or not
public record AotCache(Path jar, Path file) {

    private static final Logger LOG = LoggerFactory.getLogger(AotCache.class);

    private static final String JAR = ".jar";

    /// What the operator gives a JVM that could not take the cache: archives of his own, objects that look otherwise in
    /// memory, other modules, agents that change classes.
    private static final String[] OTHERWISE = {
        "-XX:AOT", "-XX:SharedArchiveFile", "-XX:+AutoCreateSharedArchive", "-XX:ArchiveClassesAtExit", "-Xshare:",
        "-XX:+UseZGC", "-XX:-UseCompressed", "-XX:+UseCompactObjectHeaders", "-XX:ObjectAlignmentInBytes",
        "--add-", "--patch-module", "--limit-modules", "--module-path", "-p", "--upgrade-module-path",
        "--enable-native-access", "--enable-preview", "-javaagent", "-agent", "-Xbootclasspath"
    };

    /// From which on references are not compressed, so that objects look otherwise.
    private static final long LARGE_HEAP = 31L << 30; // bytes

    private static final int HEADER = 4096; // bytes at the beginning of a cache, which tell by what it was made

    /// Empty if the server does not run from a jar.
    public static Optional<AotCache> ofThisServer() {
        String own = System.getProperty("java.class.path");
        if (own.contains(File.pathSeparator) || !own.endsWith(JAR)) {
            return Optional.empty();
        }
        Path jar = Path.of(own).toAbsolutePath();
        String name = jar.getFileName().toString();
        return Optional.of(new AotCache(jar,
                jar.resolveSibling(name.substring(0, name.length() - JAR.length()) + ".aot")));
    }

    /// Makes what a JVM has written a cache for the jar that it has run.
    public static void bind(Path written, Path jar) throws IOException {
        try (OutputStream end = Files.newOutputStream(written, StandardOpenOption.APPEND)) {
            Files.copy(jar, end);
        }
    }

    /// Has a generation's workers start from a copy of it, which is theirs as the copies of their class path are. Without
    /// one, or if it is of no use, which is logged, they start as they did before.
    ///
    /// @param program with the class path that is the generation's own
    WorkerProgram usedBy(WorkerProgram program, Path folder) {
        List<String> others = new ArrayList<>(program.options());
        others.removeAll(WorkerProgram.MODULE_OPTIONS);
        OperatorOptions options = OperatorOptions.of(others, program.environment());
        if (!Files.exists(file) || options.has(OTHERWISE) || options.bytes("-Xmx").orElse(0) >= LARGE_HEAP) {
            return program;
        }
        Path copy = folder.resolve(file.getFileName());
        try {
            Files.copy(file, copy);
            Optional<String> unfitness =
                    unfitness(copy, program.classPath().getFirst(), System.getProperty("java.vm.version"));
            if (unfitness.isEmpty()) {
                return program.with("-XX:AOTCache=" + copy);
            }
            Files.delete(copy);
            LOG.warn("{} {}, and is not used: `java -jar {} aot-cache` makes it anew", file, unfitness.get(), jar);
        } catch (IOException e) {
            LOG.warn("{} cannot be used: {}", file, e.toString());
        }
        return program;
    }

    /// Why a cache is none for that jar, run by a JVM of that version.
    static Optional<String> unfitness(Path cache, Path jar, String version) throws IOException {
        byte[] content = Files.readAllBytes(jar);
        long rest = Files.size(cache) - content.length;
        try (InputStream in = Files.newInputStream(cache)) {
            String header = new String(in.readNBytes(HEADER), StandardCharsets.ISO_8859_1);
            if (!header.contains("(" + version + ")")) {
                return Optional.of("was not made by Java " + version);
            }
            if (rest < HEADER) {
                return Optional.of("is not whole");
            }
            in.skipNBytes(rest - HEADER);
            return Arrays.equals(in.readAllBytes(), content)
                    ? Optional.empty()
                    : Optional.of("was made for another loomgate.jar");
        }
    }
}
