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
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a worker's JVM has found out about the server's classes in a run before (JEP 514), so that the next one starts
/// in half the time: a file beside `loomgate.jar`, which `loomgate aot-cache` makes and no running server ever writes.
///
/// The classes in a cache take the place of those in the jar, and not every JVM looks whether they are the same
/// (docs/decisions/0007-aot-cache.md). So behind the cache the file has the jar that it was made of, and is used for no
/// other.
///
/// @param jar  the server's own
/// @param file of the cache, whether it exists or not
public record AotCache(Path jar, Path file) {

    private static final Logger LOG = LoggerFactory.getLogger(AotCache.class);

    private static final String JAR = ".jar";

    /// What the operator gives a JVM that could not take the cache, and would go on without the JDK's own archive too,
    /// or not at all: archives of his own, options in files, objects that look otherwise in memory, other modules,
    /// agents that change classes.
    private static final String[] OTHERWISE = {
        "-XX:AOT", "-XX:SharedArchiveFile", "-XX:+AutoCreateSharedArchive", "-XX:ArchiveClassesAtExit", "-Xshare:",
        "-XX:DumpLoadedClassList", "-XX:SharedClassListFile", "@", "-XX:Flags=", "-XX:VMOptionsFile=",
        "-XX:+UseZGC", "-XX:-UseCompressed", "-XX:+UseCompactObjectHeaders", "-XX:ObjectAlignmentInBytes",
        "-XX:-CompactStrings", "-XX:TypeProfile", "-XX:BciProfileWidth",
        "--add-", "--patch-module", "--limit-modules", "--module-path", "-p", "--upgrade-module-path",
        "--enable-native-access", "--enable-preview", "-javaagent", "-agent", "-Xbootclasspath",
        "-Djava.system.class.loader", "-Djava.security.manager"
    };

    /// From which on references are not compressed, so that objects look otherwise.
    private static final long LARGE_HEAP = 31L << 30; // bytes

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

    /// Makes what this JVM has written a cache for the jar that it has run: the jar, and what tells this JVM from
    /// others, are put behind it.
    public static void bind(Path written, Path jar) throws IOException {
        try (OutputStream end = Files.newOutputStream(written, StandardOpenOption.APPEND)) {
            Files.copy(jar, end);
            end.write(maker(jar).getBytes(StandardCharsets.UTF_8));
        }
    }

    /// What a JVM looks at itself, if it looks at all: itself, and when the jar was written.
    private static String maker(Path jar) throws IOException {
        Path classes = Path.of(System.getProperty("java.home"), "lib", "modules");
        return String.join("\n", "", System.getProperty("java.vm.version"), System.getProperty("java.vendor"),
                System.getProperty("java.vendor.version", ""), Long.toString(Files.size(classes)),
                Long.toString(Files.getLastModifiedTime(classes).to(TimeUnit.SECONDS)),
                Long.toString(Files.getLastModifiedTime(jar).to(TimeUnit.SECONDS)), "");
    }

    /// Has a generation's workers start from a copy of it, which is theirs as the copies of their class path are.
    /// Without one, or if it is of no use, which is logged, they start as they did before.
    ///
    /// @param program with the class path that is the generation's own
    /// @param heap    most bytes of the workers' heap
    WorkerProgram usedBy(WorkerProgram program, long heap, Path folder) {
        List<String> others = new ArrayList<>(program.options());
        others.removeAll(WorkerProgram.MODULE_OPTIONS);
        if (!Files.exists(file) || heap >= LARGE_HEAP
                || OperatorOptions.of(others, program.environment()).has(OTHERWISE)) {
            return program;
        }
        Path copy = folder.resolve(file.getFileName());
        try {
            Files.copy(file, copy);
            Optional<String> unfitness = unfitness(copy, program.classPath().getFirst());
            if (unfitness.isEmpty()) {
                return program.with("-XX:AOTCache=" + copy);
            }
            LOG.warn("{} {}, and is not used: `java -jar {} aot-cache` makes it anew", file, unfitness.get(), jar);
        } catch (IOException e) {
            LOG.warn("{} cannot be used: {}", file, e.toString());
        }
        try {
            Files.deleteIfExists(copy);
        } catch (IOException e) {
            LOG.warn("{} is of no use and is left behind: {}", copy, e.toString());
        }
        return program;
    }

    /// Why a cache is none for that jar and this JVM.
    static Optional<String> unfitness(Path cache, Path jar) throws IOException {
        byte[] content = Files.readAllBytes(jar);
        byte[] maker = maker(jar).getBytes(StandardCharsets.UTF_8);
        long written = Files.size(cache) - content.length - maker.length;
        if (written <= 0) {
            return Optional.of("is not whole");
        }
        try (InputStream in = Files.newInputStream(cache)) {
            in.skipNBytes(written);
            boolean isItsJar = Arrays.equals(in.readNBytes(content.length), content);
            boolean isItsMaker = Arrays.equals(in.readAllBytes(), maker);
            return isItsJar && isItsMaker
                    ? Optional.empty()
                    : Optional.of("was made for another loomgate.jar, or by another Java");
        }
    }
}
