package loomgate.server.master;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AotCacheTest {

    private static final long HEAP = 1L << 30;
    private static final Optional<String> OTHER =
            Optional.of("was made for another loomgate.jar, or by another Java");

    @TempDir
    private Path folder;

    private AotCache cache;
    private Path pinnedJar;
    private Path copy;

    @BeforeEach
    void make() throws IOException {
        cache = new AotCache(folder.resolve("loomgate.jar"), folder.resolve("loomgate.aot"));
        pinnedJar = folder.resolve("0-loomgate.jar");
        copy = Files.createDirectory(folder.resolve("generation-1")).resolve("loomgate.aot");
        Files.writeString(pinnedJar, "the jar's content");
        Files.write(cache.file(), new byte[10_000]);
        AotCache.bind(cache.file(), pinnedJar);
    }

    private List<String> options(String... own) {
        WorkerProgram program = new WorkerProgram(
                Path.of("/"), Map.of(), List.of(own), List.of(pinnedJar, Path.of("app.jar")));
        return cache.usedBy(program, HEAP, copy.getParent()).options();
    }

    private Optional<String> unfitness() throws IOException {
        return AotCache.unfitness(cache.file(), pinnedJar);
    }

    @Test
    void workersStartFromACopyOfTheOneBesideTheJar() throws Exception {
        assertEquals(List.of("-Xmx1g", "-XX:AOTCache=" + copy), options("-Xmx1g"));
        assertEquals(-1, Files.mismatch(cache.file(), copy));
    }

    @Test
    void heapWithoutCompressedReferencesHasNone() {
        WorkerProgram program = new WorkerProgram(Path.of("/"), Map.of(), List.of(), List.of(pinnedJar));
        assertEquals(program, cache.usedBy(program, 31L << 30, copy.getParent()));
    }

    @Test
    void whatEveryWorkerMayDoWithModulesIsNoObstacle() {
        String[] own = WorkerProgram.MODULE_OPTIONS.toArray(String[]::new);
        assertEquals("-XX:AOTCache=" + copy, options(own).getLast());
    }

    @Test
    void withoutOneNothingChanges() throws Exception {
        Files.delete(cache.file());
        assertEquals(List.of("-Xmx1g"), options("-Xmx1g"));
    }

    @Test
    void oneOfAnotherJavaIsNotUsed() throws Exception {
        assertEquals(Optional.empty(), unfitness());
        String all = Files.readString(cache.file());
        String here = System.getProperty("java.vm.version");
        Files.writeString(cache.file(), all.replace(here, "9".repeat(here.length())));
        assertEquals(OTHER, unfitness());
    }

    @Test
    void oneOfAJarOfAnotherTimeIsNotUsed() throws Exception {
        Files.setLastModifiedTime(pinnedJar, FileTime.fromMillis(0));
        assertEquals(OTHER, unfitness());
    }

    @ParameterizedTest
    @ValueSource(strings = {"the jar's c0ntent", "the jar's content.", "The jar's content", "jar"})
    void oneOfAnotherJarIsNotUsed(String other) throws Exception {
        Files.writeString(pinnedJar, other);
        assertEquals(OTHER, unfitness());
        assertEquals(List.of(), options());
        assertEquals(false, Files.exists(copy));
    }

    @Test
    void halfOfOneIsNotUsed() throws Exception {
        Files.write(cache.file(), Arrays.copyOf(Files.readAllBytes(cache.file()), 500));
        assertEquals(OTHER, unfitness());
        Files.write(cache.file(), new byte[0]);
        assertEquals(Optional.of("is not whole"), unfitness());
    }

    @Test
    void whatIsNoFileIsNotUsed() throws Exception {
        Files.delete(cache.file());
        Files.createDirectory(cache.file());
        assertEquals(List.of(), options());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "-XX:AOTCache=own.aot", "-XX:AOTMode=off", "-XX:SharedArchiveFile=own.jsa", "-Xshare:off", "-XX:+UseZGC",
        "-XX:-UseCompressedOops", "-XX:+UseCompactObjectHeaders", "@options", "-XX:Flags=flags",
        "--add-opens=java.base/java.lang=ALL-UNNAMED", "-javaagent:agent.jar"
    })
    void theOperatorsOptionsDecide(String option) {
        assertEquals(List.of("-Dx=y", option), options("-Dx=y", option));
    }
}
