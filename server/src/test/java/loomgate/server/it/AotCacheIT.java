package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `loomgate aot-cache`, and servers that find one beside their jar.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class AotCacheIT {

    private Path installation;
    private Path jar;

    @BeforeAll
    void makeOne() throws Exception {
        installation = Files.createTempDirectory("loomgate-it");
        jar = Files.copy(RunningServer.JAR, installation.resolve("loomgate.jar"));
        List<String> made = run(0, jar, "aot-cache");
        assertEquals(1, made.size(), made::toString);
        assertTrue(made.getFirst().matches(".*/loomgate\\.aot: \\d+ MB, for .*/loomgate\\.jar and this Java, 25.*"),
                made.getFirst());
        assertEquals(List.of("loomgate.aot", "loomgate.jar"), names(installation));
    }

    @AfterAll
    void delete() throws IOException {
        RunningServer.delete(installation);
    }

    private static List<String> run(int status, Path jar, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(RunningServer.JAVA.toString(), "-jar", jar.toString()));
        command.addAll(List.of(words));
        return run(status, command);
    }

    private static List<String> run(int status, List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        List<String> output = process.inputReader().lines().toList();
        assertEquals(status, process.waitFor(), output::toString);
        return output;
    }

    private static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /// Another installation of the same jar and the same cache.
    private Path copyIn(Path folder) throws IOException {
        Path copy = Files.copy(jar, folder.resolve("loomgate.jar"));
        Files.setLastModifiedTime(copy, Files.getLastModifiedTime(jar));
        Files.copy(installation.resolve("loomgate.aot"), folder.resolve("loomgate.aot"));
        return copy;
    }

    private static RunningServer start(Path jar, String more) throws IOException {
        Path folder = Files.createTempDirectory("loomgate-it");
        Path ini = Files.writeString(folder.resolve("app.ini"),
                "[uwsgi]\nhttp = app.http\nsocket = app.sock\n" + RunningServer.TEST_APPLICATION + more);
        return RunningServer.startCommand(folder, folder, List.of(
                RunningServer.JAVA.toString(), "-jar", jar.toString(), ini.toString())).awaitReady(1);
    }

    private static boolean isUsed(long worker) throws IOException {
        return Files.readString(Path.of("/proc/" + worker + "/maps")).contains("/loomgate.aot");
    }

    private static void assertUsedBy(List<Long> workers) throws IOException {
        assertEquals(2, workers.size());
        for (long worker : workers) {
            assertTrue(isUsed(worker));
        }
    }

    private static void assertServes(RunningServer server) throws Exception {
        assertTrue(Client.http(server.folder().resolve("app.http")).get("/hello").isComplete("hello\n"));
        assertTrue(Client.uwsgi(server.folder().resolve("app.sock")).get("/hello").isComplete("hello\n"));
    }

    /// A server for which the cache is of no use goes on without it.
    private static void assertServesWithout(Path jar, String more, String said) throws Exception {
        try (RunningServer server = start(jar, more)) {
            assertFalse(isUsed(server.workers().getFirst()));
            assertServes(server);
            assertTrue(server.log().contains(said), server.log());
            assertFalse(server.log().contains("[aot]"), "the JVM has nothing to complain of: " + server.log());
            server.assertStops();
            server.succeeded();
        }
    }

    @Test
    void workersOfEachGenerationStartFromIt() throws Exception {
        try (RunningServer server = start(jar, "processes = 2\n")) {
            server.awaitReady(2);
            assertUsedBy(server.workers(1));
            assertServes(server);
            run(0, jar, "reload", Long.toString(server.pid()));
            assertUsedBy(server.workers(2));
            assertServes(server);
            assertFalse(server.log().contains("[aot]"), "the JVM has nothing to complain of: " + server.log());
            server.assertStops();
            server.succeeded();
        }
    }

    /// It would run what was the old server, with the new one's master.
    @Test
    void oneOfAnotherJarIsNamedAndNotUsed(@TempDir Path folder) throws Exception {
        Path other = copyIn(folder);
        try (FileSystem entries = FileSystems.newFileSystem(other)) {
            Files.writeString(entries.getPath("another"), "release");
        }
        assertServesWithout(other, "", "loomgate.aot was made for another loomgate.jar, or by another Java,"
                + " and is not used: `java -jar " + other + " aot-cache` makes it anew");
    }

    @Test
    void aNewOneDoesNotReachTheGenerationThatRuns(@TempDir Path folder) throws Exception {
        Path other = copyIn(folder);
        try (RunningServer server = start(other, "")) {
            Files.delete(other.resolveSibling("loomgate.aot"));
            RunningServer.signal("KILL", server.workers().getFirst());
            server.awaitLog("ready after", 2);
            assertTrue(isUsed(server.workers().getFirst()));
            assertServes(server);
            server.assertStops();
            server.succeeded();
        }
    }

    @Test
    void damagedOnesAreNotUsed(@TempDir Path folder) throws Exception {
        Path other = copyIn(folder);
        Path cache = other.resolveSibling("loomgate.aot");
        try (FileChannel file = FileChannel.open(cache, StandardOpenOption.WRITE)) {
            file.truncate(Files.size(other) + (1 << 20)); // which has room for a jar
        }
        assertServesWithout(other, "", "loomgate.aot was made for another");
        Files.write(cache, new byte[0]);
        assertServesWithout(other, "", "loomgate.aot is not whole");
    }

    @Test
    void theOperatorsOptionsDecide() throws Exception {
        for (String option : List.of(
                "-XX:+UseZGC", "--add-opens=java.base/java.lang=ALL-UNNAMED", "-XX:MaxHeapSize=40g")) {
            assertServesWithout(jar, "jvm-opt = " + option + "\n", "");
        }
    }

    @Test
    void aCommandThatIsEndedLeavesNothing(@TempDir Path folder) throws Exception {
        Path alone = Files.copy(jar, folder.resolve("loomgate-1.2.jar"));
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Process command = new ProcessBuilder(RunningServer.JAVA.toString(), "-Djava.io.tmpdir=" + temporary, "-jar",
                alone.toString(), "aot-cache").redirectErrorStream(true).start();
        await().atMost(Duration.ofSeconds(30)).until(() -> command.descendants().count() >= 2);
        List<Long> server = command.descendants().map(ProcessHandle::pid).toList();
        command.destroy();
        assertEquals(143, command.waitFor());
        assertEquals(List.of(), names(temporary));
        assertEquals(List.of("loomgate-1.2.jar", "tmp"), names(folder));
        await().atMost(Duration.ofSeconds(10)).until(() -> server.stream().noneMatch(ProcessFiles::isAlive));
    }

    @Test
    void aCommandThatFailsSaysWhyAndLeavesNothing(@TempDir Path folder) throws Exception {
        Path alone = Files.copy(jar, folder.resolve("loomgate.jar"));
        Files.createDirectories(folder.resolve("loomgate.aot/in-the-way"));
        List<String> said = run(1, alone, "aot-cache");
        assertTrue(said.getLast().startsWith("loomgate: the cache cannot be made: "), said::toString);
        assertTrue(said.getLast().contains("loomgate.aot"), said::toString);
        assertEquals(List.of("loomgate.aot", "loomgate.jar"), names(folder));
    }

    @Test
    void itIsMadeWhereTheJarIsOrNotAtAll(@TempDir Path folder) throws Exception {
        assertEquals(List.of("loomgate: aot-cache takes no words: the cache is made beside the jar"),
                run(64, jar, "aot-cache", "/tmp/x.aot"));
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can become somebody who may not write");
        Path other = copyIn(folder);
        Files.setPosixFilePermissions(other.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> said = run(77, List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                RunningServer.JAVA.toString(), "-jar", other.toString(), "aot-cache"));
        assertEquals(List.of("loomgate: " + other.resolveSibling("loomgate.aot") + " cannot be written: run this as a"
                + " user who may, who is the one that " + other.getParent() + " belongs to"), said);
        assertEquals(List.of("loomgate.aot", "loomgate.jar"), names(other.getParent()));
    }
}
