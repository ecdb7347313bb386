package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `scripts/find-java` on machines that have other JDKs than this one.
class FindJavaIT {

    private static final String USUAL_FOLDERS = "/usr/lib/jvm/* /usr/java/* /opt/java* /opt/java/*";

    @TempDir
    Path machine;

    private Path script;

    private record Outcome(int status, String output, String errors) {}

    /// The script looks for JDKs in this machine's `/usr/lib/jvm`, and not in the real one's.
    @BeforeEach
    void placeScript() throws IOException {
        String text = Project.text("scripts/find-java");
        assertTrue(text.contains(USUAL_FOLDERS), "the usual folders have changed");
        script = Files.writeString(machine.resolve("find-java"), text.replace(USUAL_FOLDERS, machine + "/jvm/*"));
        Path tools = Files.createDirectory(machine.resolve("tools"));
        for (String tool : List.of("sed", "cat", "dirname", "readlink")) {
            writeProgram(tools.resolve(tool), "exec " + toolOfThisMachine(tool) + " \"$@\"");
        }
    }

    private static Path toolOfThisMachine(String tool) {
        return List.of("/usr/bin", "/bin").stream().map(folder -> Path.of(folder, tool)).filter(Files::isExecutable)
                .findFirst().orElseThrow();
    }

    private Outcome findJava(String tool, Map<String, String> environment) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(toolOfThisMachine("bash").toString(), script.toString(), tool)
                .redirectOutput(machine.resolve("output").toFile())
                .redirectError(machine.resolve("errors").toFile());
        builder.environment().clear();
        builder.environment().put("PATH", machine + "/tools");
        builder.environment().put("HOME", machine.toString());
        builder.environment().putAll(environment);
        int status = builder.start().waitFor();
        return new Outcome(
                status, Files.readString(machine.resolve("output")), Files.readString(machine.resolve("errors")));
    }

    /// A folder that looks like a JDK of that version.
    private Path jdk(String folder, String version) throws IOException {
        Path home = machine.resolve(folder);
        Files.createDirectories(home.resolve("bin"));
        for (String tool : List.of("java", "javac")) {
            writeProgram(home.resolve("bin").resolve(tool),
                    "echo 'openjdk version \"" + version + "\" 2025-01-01' >&2");
        }
        return home;
    }

    private static void writeProgram(Path path, String command) throws IOException {
        Files.writeString(path, "#!/bin/sh\n" + command + "\n");
        assertTrue(path.toFile().setExecutable(true));
    }

    @Test
    void withoutAnyJavaItSaysWhatToInstall() throws Exception {
        Outcome outcome = findJava("java", Map.of());
        assertEquals(1, outcome.status());
        assertEquals("", outcome.output());
        assertTrue(outcome.errors().contains("Java 25 or newer is needed"), outcome.errors());
        assertTrue(outcome.errors().contains("no java at all"), outcome.errors());
        assertTrue(outcome.errors().contains("Install a JDK 25"), outcome.errors());
        assertTrue(outcome.errors().contains("JAVA_HOME=/path/to/jdk-25"), outcome.errors());
    }

    @Test
    void anOlderJdkIsNamedAndRefused() throws Exception {
        Path old = jdk("jdk-17", "17.0.15");
        Outcome outcome = findJava("java", Map.of("JAVA_HOME", old.toString()));
        assertEquals(1, outcome.status());
        assertEquals("", outcome.output());
        assertTrue(outcome.errors().contains(old.toRealPath() + ": version 17"), outcome.errors());
    }

    @Test
    void aVeryOldJdkIsRefused() throws Exception {
        Outcome outcome = findJava("java", Map.of("JAVA_HOME", jdk("jdk-8", "1.8.0_452").toString()));
        assertEquals(1, outcome.status());
    }

    @Test
    void aJdkIsFoundBehindAnOlderOne() throws Exception {
        Path right = jdk("jvm/jdk-25", "25.0.1");
        Outcome outcome = findJava("javac", Map.of("JAVA_HOME", jdk("jdk-17", "17.0.15").toString()));
        assertEquals(0, outcome.status(), outcome.errors());
        assertEquals(right.toRealPath() + "/bin/javac\n", outcome.output());
    }

    @Test
    void anEarlyAccessBuildIsFound() throws Exception {
        Path right = jdk("jvm/jdk-26", "26-ea");
        assertEquals(right.toRealPath() + "/bin/java\n", findJava("java", Map.of()).output());
    }

    @Test
    void aRuntimeWithoutCompilerIsNoJdk() throws Exception {
        Files.delete(jdk("jvm/jre-25", "25.0.1").resolve("bin/javac"));
        Outcome outcome = findJava("javac", Map.of());
        assertEquals(1, outcome.status());
        assertTrue(outcome.errors().contains("version 25, but without javac"), outcome.errors());
    }

    @Test
    void aJavaHomeWithoutJavaIsReported() throws Exception {
        Outcome outcome = findJava("java", Map.of("JAVA_HOME", machine + "/nowhere"));
        assertEquals(1, outcome.status());
        assertTrue(outcome.errors().contains("JAVA_HOME is " + machine + "/nowhere, but there is no bin/java in it"),
                outcome.errors());
    }
}
