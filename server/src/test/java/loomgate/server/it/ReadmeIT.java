package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What README says is tried here: its commands, its application, its INI, its nginx blocks, its links.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ReadmeIT {

    private static final String RUN_SAMPLE = "./scripts/run-sample";
    private static final String ASK_SAMPLE = "curl http://127.0.0.1:8080/hello        # in another terminal";
    private static final String BY_JAVA = "java -jar server/target/loomgate.jar /srv/shop/app.ini";
    private static final String BY_SCRIPT = "scripts/loomgate /srv/shop/app.ini";

    private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]*)(?:#([^)\\s]*))?\\)");

    /// Stands for README's `/srv/shop`.
    @TempDir(cleanup = CleanupMode.ALWAYS)
    static Path shop;

    private static String readme;

    @BeforeAll
    static void buildShop() throws IOException {
        readme = Project.text("README.md");
        Path source = Files.writeString(shop.resolve("Shop.java"), blocks("java").getFirst());
        MatchResult api =
                Pattern.compile("Compile it against `(\\S+)`").matcher(readme).results().findFirst().orElseThrow();
        run("javac", "-Xlint:all", "-Werror", "-cp", Project.file(api.group(1)).toString(), "-d", shop + "/classes",
                source.toString());
        run("jar", "--create", "--file", shop + "/shop.jar", "-C", shop + "/classes", ".");
        Files.writeString(shop.resolve("app.ini"), here(blocks("ini").getFirst()));
    }

    private static void run(String tool, String... arguments) {
        assertEquals(0, ToolProvider.findFirst(tool).orElseThrow().run(System.out, System.err, arguments), tool);
    }

    private static List<String> blocks(String language) {
        return Pattern.compile("^```" + language + "\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(readme).results().map(block -> block.group(1)).toList();
    }

    private static String here(String text) {
        return text.replace("/srv/shop", shop.toString());
    }

    private static String get(int port, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
                    BodyHandlers.ofString()).body();
        }
    }

    @Test
    void everyCommandIsTriedHere() {
        String withoutFences = Pattern.compile("^```.*?^```", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(readme).replaceAll("");
        List<String> lines = Pattern.compile("^ {4}(?:\\$ )?(.+)$", Pattern.MULTILINE)
                .matcher(withoutFences).results().map(line -> line.group(1)).toList();
        assertEquals(List.of(RUN_SAMPLE, ASK_SAMPLE, "Hello, world", BY_JAVA, BY_SCRIPT), lines);
    }

    @ParameterizedTest
    @ValueSource(strings = {RUN_SAMPLE, RUN_SAMPLE + " --nginx"})
    void theSampleRunsUntilItIsToldToEnd(String command) throws Exception {
        assertTrue(readme.contains(command));
        boolean withNginx = command.endsWith("--nginx");
        if (withNginx) {
            Nginx.program();
        }
        List<Integer> ports = FreePorts.choose(3);
        int httpPort = ports.get(0);
        int nginxPort = ports.get(1);
        Path folder = Files.createTempDirectory("loomgate-it");
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        try (RunningServer sample = RunningServer.startCommand(folder, Project.FOLDER, bash(command),
                Map.of("HTTP_PORT", "" + httpPort, "UWSGI_PORT", "" + ports.get(2), "NGINX_PORT", "" + nginxPort,
                        "TMPDIR", temporary.toString()))) {
            sample.awaitReady(2).awaitLog("Ctrl-C ends it", 1);
            assertEquals("Hello, world\n", asked(here(ASK_SAMPLE).replace("8080", "" + httpPort)));
            if (withNginx) {
                for (String by : List.of("localhost", "tcp.localhost", "http.localhost")) {
                    assertEquals("Hello, world\n",
                            asked("curl -H 'Host: " + by + "' http://127.0.0.1:" + nginxPort + "/hello"));
                }
            }
            List<Long> processes = sample.pids();
            assertTrue(processes.size() >= (withNginx ? 6 : 4), processes::toString); // script, master, workers, nginx
            sample.signal("TERM");
            assertEquals(0, sample.exitStatus());
            await().atMost(Duration.ofSeconds(5)).until(() -> processes.stream().noneMatch(ProcessFiles::isAlive));
            try (Stream<Path> left = Files.list(temporary)) {
                assertEquals(List.of(), left.toList());
            }
            sample.succeeded();
        }
    }

    private static String asked(String curl) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("bash", "-c", curl).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String answer = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), curl);
        return answer;
    }

    @ParameterizedTest
    @ValueSource(strings = {BY_JAVA, BY_SCRIPT})
    void theApplicationRunsWithTheIni(String command) throws Exception {
        String path = RunningServer.JAVA.getParent() + ":" + System.getenv("PATH");
        try (RunningServer server = startShop(here(command) + " --http 127.0.0.1:0", Map.of("PATH", path))) {
            server.awaitReady(2);
            assertEquals("Hello, world\n", get(server.port(0), "/"));
            assertEquals("Hello, Ada\n", get(server.port(0), "/?name=Ada"));
            assertEquals("rw-rw----", PosixFilePermissions.toString(
                    Files.getPosixFilePermissions(shop.resolve("shop.sock"))));
            server.succeeded();
        }
    }

    private static RunningServer startShop(String command, Map<String, String> environment) throws IOException {
        return RunningServer.startCommand(
                Files.createTempDirectory("loomgate-it"), Project.FOLDER, bash(command), environment);
    }

    private static List<String> bash(String command) {
        return List.of("bash", "-c", "exec " + command);
    }

    @Test
    void eachNginxBlockLeadsToTheApplication() throws Exception {
        List<String> nginx = blocks("nginx");
        assertEquals(3, nginx.size());
        try (RunningServer server = startShop(here(BY_SCRIPT) + " --socket " + shop
                + "/shop.sock --socket 127.0.0.1:0 --http 127.0.0.1:0", Map.of())) {
            server.awaitReady(2);
            for (String block : nginx) {
                String local = here(block).replace("127.0.0.1:3031", "127.0.0.1:" + server.port(0))
                        .replace("127.0.0.1:8080", "127.0.0.1:" + server.port(1));
                try (Nginx gateway = Nginx.startWith(port -> block.contains("server {")
                        ? local.replace("server {\n", "server {\nlisten 127.0.0.1:" + port + ";\n")
                        : "server {\nlisten 127.0.0.1:" + port + ";\n" + local + "}\n")) {
                    assertEquals("Hello, Ada\n", get(gateway.port(), "/?name=Ada"), block);
                }
            }
            server.succeeded();
        }
    }

    @Test
    void allTestsAreRunByTheScriptThatIsNamed() throws IOException {
        assertTrue(readme.contains("`./scripts/test`"));
        assertTrue(Files.isExecutable(Project.file("scripts/test")));
        assertTrue(Files.isExecutable(Project.file(".ci/run")));
        assertTrue(Project.text(".ci/run").contains("scripts/test"));
    }

    @Test
    void linksLeadSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path page : Project.pages()) {
            for (MatchResult link : LINK.matcher(Files.readString(page)).results().toList()) {
                if (link.group(1).matches("[a-z]+:.*")) {
                    continue;
                }
                links++;
                Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
                if (!Files.exists(target) || link.group(2) != null && !headings(target).contains(link.group(2))) {
                    broken.add(Project.FOLDER.relativize(page) + ": " + link.group());
                }
            }
        }
        assertEquals(List.of(), broken);
        assertTrue(links > 0);
    }

    /// The names that a page's headings have in links.
    private static List<String> headings(Path page) throws IOException {
        return Pattern.compile("^#+ (.*)$", Pattern.MULTILINE).matcher(Files.readString(page)).results()
                .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
                .map(heading -> heading.replaceAll("[^\\w\\- ]", "").replace(' ', '-'))
                .toList();
    }
}
