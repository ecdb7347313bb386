package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Workers whose JVM the master has sized.
class MemoryBudgetIT {

    private static final String APPLICATION = """
            module = loomgate.server.it.app.TestApplication
            jvm-classpath = %s
            http = app.sock
            listen = 512
            """.formatted(RunningServer.TEST_CLASSES);

    private static final int REQUESTS_AT_ONCE = 200;
    private static final int ROUNDS = 10;

    @Test
    void aWorkerStaysBelowReloadOnAsWhileItServes() throws Exception {
        try (RunningServer server = RunningServer.start("reload-on-as = 1024\n" + APPLICATION).awaitReady(1)) {
            assertTrue(server.firstLine("memory of a worker: heap \\d+ MB, .*; within reload-on-as = 1024").isPresent(),
                    server.log());
            long worker = server.workers().getFirst();
            long fresh = addressMegabytes(worker);
            assertTrue(fresh < 1024 - 128, fresh + " MB when it was ready");
            Client client = Client.http(server.folder().resolve("app.sock"));
            for (int round = 0; round < ROUNDS; round++) {
                for (FutureTask<Client.Answer> answer : client.start(REQUESTS_AT_ONCE, "/sleep?ms=50")) {
                    assertTrue(answer.get().isComplete("slept\n"));
                }
            }
            long used = addressMegabytes(worker);
            assertTrue(used < 1024, used + " MB after " + ROUNDS * REQUESTS_AT_ONCE + " requests");
            assertEquals(List.of(worker), server.workers());
            server.succeeded();
        }
    }

    @Test
    void aLimitThatAFreshWorkerExceedsIsRefusedWithTheOneThatWouldDo() throws Exception {
        for (String master : List.of("true", "false")) {
            try (RunningServer server =
                    RunningServer.start("reload-on-as = 100\nmaster = " + master + "\n" + APPLICATION)) {
                assertEquals(78, server.exitStatus());
                String message = server
                        .firstLine("reload-on-as = 100 leaves no room for a heap: .* \\d+ MB of addresses")
                        .orElseThrow(() -> new AssertionError(server.log()));
                assertTrue(message.matches(".*reload-on-as = 4\\d\\d is the least that would do"), message);
                server.succeeded();
            }
        }
    }

    @Test
    void jvmOptWins() throws Exception {
        try (RunningServer server = RunningServer.start("""
                reload-on-as = 1024
                jvm-opt = -Xmx300m
                jvm-opt = -XX:MaxDirectMemorySize=99m
                """ + APPLICATION).awaitReady(1)) {
            List<String> words = commandLine(server.workers().getFirst());
            assertEquals(List.of("-Xmx300m"), beginningWith("-Xmx", words).toList());
            assertEquals(List.of("-XX:MaxDirectMemorySize=99m"), beginningWith("-XX:MaxDirect", words).toList());
            assertEquals(1, beginningWith("-XX:ReservedCodeCacheSize=", words).count());
            assertEquals(1, beginningWith("-XX:+UseCountedLoopSafepoints", words).count());
            assertTrue(server.firstLine("memory of a worker: heap 300 MB \\(yours\\), class space").isPresent(),
                    server.log());
            server.succeeded();
        }
    }

    @Test
    void pollsInCountedLoopsAreLeftToTheOperatorWhoAsksForThem() throws Exception {
        try (RunningServer server =
                RunningServer.start("jvm-opt = -XX:-UseCountedLoopSafepoints\n" + APPLICATION).awaitReady(1)) {
            List<String> words = commandLine(server.workers().getFirst());
            assertEquals(List.of("-XX:-UseCountedLoopSafepoints"),
                    words.stream().filter(word -> word.matches("-XX:.*(CountedLoop|StripMining).*")).toList());
            server.succeeded();
        }
    }

    @Test
    void optionsOfTheEnvironmentWinToo() throws Exception {
        try (RunningServer server = RunningServer.start(
                        "env = JAVA_TOOL_OPTIONS=-Xmx200m -XX:+UseParallelGC\nenv = MALLOC_ARENA_MAX=3\n" + APPLICATION)
                .awaitReady(1)) {
            long worker = server.workers().getFirst();
            assertEquals(0, beginningWith("-Xmx", commandLine(worker)).count());
            assertEquals(0, beginningWith("-XX:+UseSerialGC", commandLine(worker)).count());
            assertTrue(environment(worker).contains("MALLOC_ARENA_MAX=3"));
            server.succeeded();
        }
    }

    @Test
    void anUnsupervisedWorkerIsSizedToo() throws Exception {
        try (RunningServer server =
                RunningServer.start("master = false\nreload-on-as = 1024\n" + APPLICATION).awaitReady(1)) {
            assertEquals(1, beginningWith("-Xmx", commandLine(server.pid())).count());
            assertTrue(environment(server.pid()).contains("MALLOC_ARENA_MAX=1"));
            assertTrue(addressMegabytes(server.pid()) < 1024 - 128);
            server.succeeded();
        }
    }

    private static Stream<String> beginningWith(String beginning, List<String> words) {
        return words.stream().filter(word -> word.startsWith(beginning));
    }

    private static List<String> commandLine(long pid) throws IOException {
        return List.of(Files.readString(Path.of("/proc/" + pid + "/cmdline")).split("\0"));
    }

    private static List<String> environment(long pid) throws IOException {
        return List.of(Files.readString(Path.of("/proc/" + pid + "/environ")).split("\0"));
    }

    private static long addressMegabytes(long pid) throws IOException {
        String line = Files.readString(Path.of("/proc/" + pid + "/status")).lines()
                .filter(text -> text.startsWith("VmSize:")).findFirst().orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
    }
}
