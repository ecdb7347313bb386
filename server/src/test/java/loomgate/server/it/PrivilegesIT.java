package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `uid` and `gid`: root opens what needs root, and from then on nothing of the server is root's.
@Timeout(120)
class PrivilegesIT {

    private static final String INI = """
            uid = www-data
            socket = run/app.sock
            http = 127.0.0.1:0
            pidfile = run/app.pid
            vacuum = true
            processes = 2
            module = loomgate.server.it.app.TestApplication
            jvm-classpath = classes
            jvm-opt = -Xmx128m
            """;

    private static final String USER = "www-data";

    @TempDir
    Path folder;

    @BeforeAll
    static void needsRoot() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can become another user");
        assumeTrue(output("getent", "passwd", USER, "nobody").lines().count() == 2,
                "there are no www-data and nobody here");
        assumeTrue(run("setpriv", "--reuid=" + USER, "--regid=" + USER, "--init-groups",
                RunningServer.JAVA.toString(), "-version") == 0, "www-data may not run this JDK");
    }

    /// Everything that www-data needs, where it may read it; `run` is its own.
    @BeforeEach
    void makeFolder() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.copy(RunningServer.JAR, folder.resolve("loomgate.jar"));
        Path application = Path.of("loomgate/server/it/app");
        Files.createDirectories(folder.resolve("classes").resolve(application));
        try (Stream<Path> classes = Files.list(RunningServer.TEST_CLASSES.resolve(application))) {
            for (Path one : classes.toList()) {
                Files.copy(one, folder.resolve("classes").resolve(application).resolve(one.getFileName()));
            }
        }
        assertEquals(0, run("install", "-d", "-o", USER, folder.resolve("run").toString()));
    }

    @Test
    void everyThreadOfEveryProcessIsTheUsers() throws Exception {
        try (RunningServer server = start(INI + """
                gid = www-data
                chown-socket = www-data:www-data
                chmod-socket = 660
                logto = run/app.log
                status = 127.0.0.1:0
                """)) {
            awaitLog("ready after", 2);
            assertAllThreads(server, id("-u", USER), id("-g", USER), output("id", "-G", USER).strip());
            assertEquals("rw-rw---- www-data www-data", owner("run/app.sock"));
            assertEquals("rw-r--r-- www-data www-data", owner("run/app.pid"));
            assertEquals("rw-r----- www-data www-data", owner("run/app.log"));
            assertEquals(server.pid() + "\n", Files.readString(folder.resolve("run/app.pid")));
            assertEquals(200, statusBehindNginxOf(USER));
            assertEquals(502, statusBehindNginxOf("nobody nogroup"));

            long killed = server.workers().getFirst();
            RunningServer.signal("KILL", killed);
            awaitLog("ready after", 3);
            assertFalse(server.workers().contains(killed));
            assertAllThreads(server, id("-u", USER), id("-g", USER), output("id", "-G", USER).strip());
            assertEquals(200, statusBehindNginxOf(USER));

            String environment = Files.readString(Path.of("/proc/" + server.workers().getFirst() + "/environ"),
                    StandardCharsets.ISO_8859_1);
            String home = "HOME=" + output("getent", "passwd", USER).split(":")[5];
            for (String variable : List.of("USER=www-data", "LOGNAME=www-data", home)) {
                assertTrue(("\0" + environment).contains("\0" + variable + "\0"), environment);
            }
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            assertEquals(Set.of("app.log"), names("run"));
            assertFalse(Files.exists(Path.of("/tmp/hsperfdata_root/" + server.pid())));
            server.succeeded();
        }
    }

    @Test
    void theSameInTheBackground() throws Exception {
        Files.writeString(folder.resolve("app.ini"), "[uwsgi]\n" + INI + """
                gid = www-data
                chown-socket = www-data:www-data
                chmod-socket = 660
                daemonize = run/app.log
                """);
        try (Background server = Background.startCommand(folder, Map.of(), command())) {
            assertEquals(0, server.starterStatus(), server.terminal());
            assertEquals(200, statusBehindNginxOf(USER));
            assertEquals(502, statusBehindNginxOf("nobody nogroup"));
            awaitLog("ready after", 2);
            assertAllThreads(server.processes(), id("-u", USER), id("-g", USER), output("id", "-G", USER).strip());
            for (String file : List.of("rw-rw---- www-data www-data run/app.sock",
                    "rw-r--r-- www-data www-data run/app.pid", "rw-r----- www-data www-data run/app.log")) {
                String name = file.substring(file.lastIndexOf(' ') + 1);
                assertEquals(file, owner(name) + " " + name);
            }
            RunningServer.signal("TERM", Long.parseLong(Files.readString(folder.resolve("run/app.pid")).strip()));
            server.awaitEnd();
            assertEquals(Set.of("app.log"), names("run"));
            server.succeeded();
        }
    }

    @Test
    void theGroupIsTheUsersOwnAndTheSocketToo() throws Exception {
        try (RunningServer server = start(INI + "chmod-socket = 600\n")) {
            server.awaitReady(2);
            assertAllThreads(server, id("-u", USER), id("-g", USER), output("id", "-G", USER).strip());
            assertEquals("rw------- www-data www-data", owner("run/app.sock"));
            assertEquals(200, statusBehindNginxOf(USER));
            server.assertStops();
        }
    }

    @Test
    void numbersNeedNotBeKnown() throws Exception {
        Files.setPosixFilePermissions(folder.resolve("run"), PosixFilePermissions.fromString("rwxrwxrwx"));
        try (RunningServer server = start(INI.replace("uid = www-data", "uid = 54321\ngid = 54322"))) {
            server.awaitReady(2);
            assertAllThreads(server, 54321, 54322, "54322");
            server.assertStops();
        }
    }

    @Test
    void withoutAMasterTheOneProcessIsTheUsers() throws Exception {
        try (RunningServer server = start(INI.replace("processes = 2\n", "").replace("vacuum = true\n", "")
                + "master = false\n")) {
            server.awaitReady(1);
            assertAllThreads(server, id("-u", USER), id("-g", USER), output("id", "-G", USER).strip());
            assertEquals(server.pid() + "\n", Files.readString(folder.resolve("run/app.pid")));
            server.assertStops();
        }
    }

    @Test
    void afterAKillTheNextStartCleansUp() throws Exception {
        long killed;
        try (RunningServer server = start(INI)) {
            killed = server.awaitReady(2).pid();
            List<Long> all = server.pids();
            server.signal("KILL");
            server.exitStatus();
            await().atMost(Duration.ofSeconds(30)).until(() -> all.stream().noneMatch(ProcessFiles::isAlive));
            server.succeededAndLeavesItsFolder();
        }
        assertEquals(Set.of("app.pid", "app.sock"), names("run"));
        try (RunningServer server = start(INI)) {
            server.awaitReady(4);
            assertTrue(server.log().contains("was left over from process " + killed), server.log());
            assertEquals(200, statusBehindNginxOf(USER));
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            assertEquals(Set.of(), names("run"));
            server.succeeded();
        }
    }

    @Test
    void whatTheUserMayNotRemoveIsLeftWithAWarning() throws Exception {
        Files.createDirectory(folder.resolve("roots"));
        try (RunningServer server = start(INI.replace("run/", "roots/"))) {
            server.awaitReady(2);
            assertEquals(
                    1, server.matches("WARN vacuum: this user may not remove files from .*/roots;").size(),
                    server.log());
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            assertEquals(2, server.matches("WARN vacuum: .* could not be removed").size(), server.log());
            assertEquals("", Files.readString(folder.resolve("roots/app.pid")), "nobody takes another process for it");
            server.succeededAndLeavesItsFolder();
        }
        try (RunningServer server = start(INI.replace("run/", "roots/"))) {
            server.awaitReady(4);
            assertEquals(server.pid() + "\n", Files.readString(folder.resolve("roots/app.pid")));
            server.assertStops();
        }
    }

    @Test
    void aLinkInTheUsersDirectoryIsNoWayToFilesOfRoots() throws Exception {
        Path precious = Files.writeString(folder.resolve("precious"), "root's\n");
        Files.createSymbolicLink(folder.resolve("run/app.log"), precious);
        assertRefused(INI + "logto = run/app.log\n", "logto = ");
        assertEquals("root's\n", Files.readString(precious));
        assertEquals("rw-r--r-- root root", owner("precious"));
    }

    @Test
    void whomNobodyKnowsIsTold() throws Exception {
        assertRefused(INI.replace("uid = www-data", "uid = no-such-user"), "uid = no-such-user: there is no such user");
        assertRefused(INI + "gid = no-such-group\n", "gid = no-such-group: there is no such group");
        assertRefused(INI.replace("uid = www-data", "uid = 54321"), "give gid as well");
    }

    @Test
    void whatTheUserMayNotReadIsTold() throws Exception {
        Files.setPosixFilePermissions(folder.resolve("loomgate.jar"), PosixFilePermissions.fromString("rw-------"));
        assertRefused(INI, "user www-data (" + id("-u", USER) + "), group " + id("-g", USER) + " may not read "
                + folder.resolve("loomgate.jar"));
        Files.setPosixFilePermissions(folder.resolve("loomgate.jar"), PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(folder.resolve("classes"), PosixFilePermissions.fromString("rwx------"));
        assertRefused(INI, "may not read " + folder.resolve("classes"));
        assertRefused(INI.replace("classes", "classes/loomgate"),
                folder.resolve("classes") + " is closed to that user");
    }

    @Test
    void onlyRootBecomesAnother() throws Exception {
        List<String> command = new ArrayList<>(
                List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--init-groups"));
        Files.writeString(folder.resolve("app.ini"), "[uwsgi]\n" + INI);
        command.addAll(command());
        command.add("--uid=nobody");
        try (RunningServer server = RunningServer.startCommand(folder, folder, command)) {
            assertEquals(78, server.exitStatus());
            assertTrue(
                    server.log().contains("uid = nobody needs root: this was started by user www-data"), server.log());
            server.succeededAndLeavesItsFolder();
        }
        command.set(command.size() - 1, "--uid=www-data");
        try (RunningServer server = RunningServer.startCommand(folder, folder, command)) {
            server.awaitReady(2);
            server.assertStops();
        }
    }

    @Test
    void rootWithoutUidIsWarned() throws Exception {
        try (RunningServer server = start(INI.replace("uid = www-data\n", ""))) {
            server.awaitReady(2);
            assertEquals(1, server.matches("WARN RUNNING AS ROOT").size(), server.log());
            server.assertStops();
        }
    }

    @Test
    void aGroupAloneLeavesTheUser() throws Exception {
        try (RunningServer server = start(INI.replace("uid = www-data", "gid = www-data"))) {
            server.awaitReady(2);
            assertEquals(1, server.matches("WARN RUNNING AS ROOT").size(), server.log());
            for (ProcessHandle process : server.processes()) {
                List<String> status = Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"));
                assertTrue(status.contains("Uid:" + "\t0".repeat(4)), status.toString());
                assertTrue(status.contains("Gid:" + ("\t" + id("-g", USER)).repeat(4)), status.toString());
            }
            server.assertStops();
        }
    }

    private RunningServer start(String ini) throws IOException {
        Files.writeString(folder.resolve("app.ini"), "[uwsgi]\n" + ini);
        return RunningServer.startCommand(folder, folder, command());
    }

    private static List<String> command() {
        List<String> command = new ArrayList<>(RunningServer.command("app.ini"));
        command.set(command.indexOf("-jar") + 1, "loomgate.jar");
        return command;
    }

    private void assertRefused(String ini, String message) throws Exception {
        Files.deleteIfExists(folder.resolve("log"));
        try (RunningServer server = start(ini)) {
            assertEquals(78, server.exitStatus(), server.log());
            assertTrue(server.log().contains(message), server.log());
            assertFalse(server.log().contains("\tat "), server.log());
            assertFalse(Files.exists(folder.resolve("run/app.sock")));
            assertFalse(Files.exists(folder.resolve("run/app.pid")));
            server.succeededAndLeavesItsFolder();
        }
    }

    private void awaitLog(String part, int times) {
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(folder.resolve("run/app.log"))
                && Files.readString(folder.resolve("run/app.log")).split(part, -1).length > times);
    }

    private static void assertAllThreads(RunningServer server, int uid, int gid, String groups) throws IOException {
        assertAllThreads(server.processes(), uid, gid, groups);
    }

    private static void assertAllThreads(List<ProcessHandle> processes, int uid, int gid, String groups)
            throws IOException {
        Set<String> expected = new TreeSet<>(List.of("Uid:" + ("\t" + uid).repeat(4), "Gid:" + ("\t" + gid).repeat(4),
                "Groups:\t" + groups, "NoNewPrivs:\t1", "CapInh:\t" + "0".repeat(16), "CapPrm:\t" + "0".repeat(16),
                "CapEff:\t" + "0".repeat(16), "CapAmb:\t" + "0".repeat(16)));
        int threads = 0;
        for (ProcessHandle process : processes) {
            try (Stream<Path> tasks = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
                for (Path task : tasks.toList()) {
                    try {
                        assertEquals(expected, Files.readAllLines(task.resolve("status")).stream().map(String::strip)
                                .filter(line -> line.matches("(Uid|Gid|Groups|NoNewPrivs|Cap(Inh|Prm|Eff|Amb)):.*"))
                                .collect(Collectors.toCollection(TreeSet::new)), task.toString());
                        threads++;
                    } catch (IOException e) {
                        if (Files.exists(task)) {
                            throw e;
                        } // else the thread has ended, before its file was opened or behind that
                    }
                }
            }
        }
        assertTrue(threads > 10, "threads seen: " + threads);
    }

    private int statusBehindNginxOf(String user) throws Exception {
        try (Nginx nginx = Nginx.startAs(user,
                        "include uwsgi_params; uwsgi_pass unix:" + folder.resolve("run/app.sock") + ";");
                HttpClient client = HttpClient.newHttpClient()) {
            URI uri = nginx.uri("/hello");
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private String owner(String name) throws IOException {
        PosixFileAttributes file =
                Files.readAttributes(folder.resolve(name), PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return PosixFilePermissions.toString(file.permissions()) + " " + file.owner().getName() + " "
                + file.group().getName();
    }

    private Set<String> names(String directory) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(directory))) {
            return files.map(path -> path.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    private static int id(String option, String user) throws Exception {
        return Integer.parseInt(output("id", option, user).strip());
    }

    private static String output(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    }
}
