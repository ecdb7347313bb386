package loomgate.server.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Applications that load, that do not, and what they find around them.
@Timeout(60)
class LoadingIT {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            shop.NoSuch                                          | there is no class shop.NoSuch on the class path
            loomgate.server.it.app.BrokenApplications            | public constructor that takes nothing or an \
            loomgate.api.App
            loomgate.server.it.app.BrokenApplications$Throwing   | threw java.lang.IllegalStateException: \
            no connection to the database
            java.lang.String                                     | java.lang.String does not implement \
            loomgate.api.Handler
            """)
    void anApplicationThatCannotLoadEndsTheStartWithItsCause(String module, String message) throws Exception {
        try (RunningServer server = start(module, "processes = 2\n")) {
            assertEquals(22, server.exitStatus());
            List<String> errors = server.log().lines().filter(line -> line.contains(" ERROR ")).toList();
            assertTrue(errors.getFirst().contains("the application cannot be loaded: module = " + module + ": "),
                    server.log());
            assertTrue(errors.getFirst().contains(message), server.log());
            assertEquals(1, server.matches("cannot be loaded").size());
            assertEquals(1, server.matches("spawned").size());
            server.succeeded();
        }
    }

    @Test
    void causesOfAConstructorsFailureAreShown() throws Exception {
        try (RunningServer server = start("loomgate.server.it.app.BrokenApplications$Throwing", "master = false\n")) {
            assertEquals(22, server.exitStatus());
            assertTrue(server.log().contains("java.net.ConnectException: db.example.org refused"), server.log());
            assertTrue(server.log().contains("at loomgate.server.it.app.BrokenApplications$Throwing.<init>"),
                    server.log());
            server.succeeded();
        }
    }

    @Test
    void aWrongJvmOptionEndsTheStartWithWhatTheJvmSays() throws Exception {
        try (RunningServer server = RunningServer.start(
                "socket = app.sock\njvm-opt = -XX:NoSuchThing\n" + RunningServer.TEST_APPLICATION)) {
            assertEquals(70, server.exitStatus());
            assertTrue(server.log().contains("NoSuchThing"), server.log());
            assertEquals(1, server.matches("spawned").size());
            server.succeeded();
        }
    }

    @ParameterizedTest
    @CsvSource({"FIELD, field", "method, method"})
    void staticMembersGiveTheHandler(String member, String body) throws Exception {
        try (RunningServer server = start("loomgate.server.it.app.BrokenApplications:" + member, "")) {
            server.awaitReady(1);
            assertTrue(Client.uwsgi(server.folder().resolve("app.sock")).get("/").isComplete(body + "\n"));
            server.succeeded();
        }
    }

    @Test
    void environmentDirectoryAndVariablesAreSeen() throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        Files.createDirectories(folder.resolve("work"));
        try (RunningServer server = RunningServer.startIn(folder, """
                socket = %s/app.sock
                chdir = work
                env = COLOUR=dark = blue
                env = HOME=/nowhere
                set-ph = shop=open
                """.formatted(folder) + RunningServer.TEST_APPLICATION)) {
            server.awaitReady(1);
            Client client = Client.uwsgi(folder.resolve("app.sock"));
            assertEquals("dark = blue\n", client.get("/environment?COLOUR").body());
            assertEquals("/nowhere\n", client.get("/environment?HOME").body());
            assertEquals(System.getenv("PATH") + "\n", client.get("/environment?PATH").body());
            assertEquals(folder.toRealPath().resolve("work") + "\n", client.get("/cwd").body());
            assertTrue(client.get("/variables").body().contains("shop=open"));
            server.succeeded();
        }
    }

    @Test
    void classPathIsMadeOfHomeAndWhatIsNamed() throws Exception {
        Path folder = Files.createTempDirectory("loomgate-it");
        Files.createDirectories(folder.resolve("home/classes"));
        Files.writeString(folder.resolve("home/classes/in-classes.txt"), "");
        jar(folder.resolve("home/lib/a.jar"), "in-lib.txt");
        jar(folder.resolve("more/b.jar"), "in-more.txt");
        Files.writeString(folder.resolve("more/no-jar.txt"), "");
        try (RunningServer server = RunningServer.startIn(folder, """
                socket = app.sock
                home = home
                module = loomgate.server.it.app.ProbeApplication
                jvm-classpath = %s:more/*
                jvm-opt = -Dshop.name=a b
                """.formatted(RunningServer.TEST_CLASSES))) {
            server.awaitReady(1);
            Client client = Client.uwsgi(folder.resolve("app.sock"));
            assertTrue(client.get("/resource?in-classes.txt").body().endsWith("-classes/in-classes.txt\n"), "a copy");
            assertTrue(client.get("/resource?in-lib.txt").body().endsWith("a.jar!/in-lib.txt\n"));
            assertTrue(client.get("/resource?in-more.txt").body().endsWith("b.jar!/in-more.txt\n"));
            assertEquals("null\n", client.get("/resource?no-jar.txt").body());
            assertEquals("a b\n", client.get("/property?shop.name").body());
            server.succeeded();
        }
    }

    @ParameterizedTest
    @CsvSource({"chdir = missing, chdir = ", "home = missing, home = ", "jvm-classpath = missing.jar, jvm-classpath = ",
        "jvm-classpath = missing/*, jvm-classpath = "})
    void pathsThatDoNotExistAreNamedBeforeAnythingIsBound(String line, String message) throws Exception {
        try (RunningServer server = RunningServer.start(line + "\nsocket = app.sock\nmodule = shop.App\n")) {
            assertEquals(78, server.exitStatus());
            assertEquals(1, server.log().lines().count(), server::log);
            assertTrue(server.log().contains(message) && server.log().contains("missing"), server.log());
            assertFalse(Files.exists(server.folder().resolve("app.sock")));
            server.succeeded();
        }
    }

    @Test
    void anApplicationMayBringItsOwnSlf4j() throws Exception {
        try (RunningServer server = RunningServer.start("""
                socket = app.sock
                module = loomgate.server.it.app.ProbeApplication
                jvm-classpath = %s:%s:%s
                """.formatted(RunningServer.TEST_CLASSES, placeOf(org.slf4j.Logger.class),
                placeOf(org.slf4j.simple.SimpleLogger.class)))) {
            server.awaitReady(1);
            Client.Answer answer = Client.uwsgi(server.folder().resolve("app.sock")).get("/log");
            assertEquals("org.slf4j.simple.SimpleLogger\n", answer.body());
            server.awaitLog("WARN shop - told by the application", 1);
            assertEquals(0, server.matches("SLF4J").size(), server::log);
            server.succeeded();
        }
    }

    private static RunningServer start(String module, String more) throws IOException {
        return RunningServer.start("socket = app.sock\nmodule = " + module + "\njvm-classpath = "
                + RunningServer.TEST_CLASSES + "\n" + more);
    }

    private static Path placeOf(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static void jar(Path path, String entry) throws IOException {
        Files.createDirectories(path.getParent());
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(path))) {
            jar.putNextEntry(new JarEntry(entry));
            jar.closeEntry();
        }
    }
}
