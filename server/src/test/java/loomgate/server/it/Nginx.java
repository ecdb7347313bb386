package loomgate.server.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/// A private nginx, with everything it writes in a folder of its own, on a free port of 127.0.0.1.
final class Nginx implements FrontEnd {

    /// Over connections that serve many requests.
    static final String KEEPING_ALIVE =
            "proxy_http_version 1.1; proxy_set_header Connection ''; proxy_pass http://kept";

    private static final List<Path> PLACES =
            List.of(Path.of("/usr/sbin/nginx"), Path.of("/usr/bin/nginx"), Path.of("/usr/local/sbin/nginx"));

    private final WebServer server;

    private Nginx(WebServer server) {
        this.server = server;
    }

    /// Starts nginx with one server block.
    ///
    /// @param upstream the `upstream` blocks, or nothing
    /// @param location what stands in `location / { … }`; also in a location for paths that end in `/unbuffered`, where
    ///                 request bodies are passed on as they come
    static Nginx start(String upstream, String location) throws IOException {
        return startWith(port -> """
                %s
                server {
                    listen 127.0.0.1:%d backlog=4096;
                    location / {
                        %s
                    }
                    location ~ /unbuffered$ {
                        uwsgi_request_buffering off;
                        proxy_request_buffering off;
                        %3$s
                    }
                }
                """.formatted(upstream, port, location));
    }

    /// Starts nginx in front of a server that listens in three ways.
    ///
    /// @param pass how it is met: `uwsgi_pass unix:FOLDER/app.sock`, `uwsgi_pass 127.0.0.1:UWSGI` or [#KEEPING_ALIVE]
    static Nginx inFrontOf(String pass, Path folder, int uwsgi, int http) throws IOException {
        String target = pass.replace("FOLDER", folder.toString()).replace("UWSGI", "" + uwsgi);
        return start("upstream kept { server 127.0.0.1:" + http + "; keepalive 16; }",
                "include uwsgi_params; " + target + ";");
    }

    /// Starts nginx with these blocks in `http { … }`, which are made for the port that it is to listen on.
    static Nginx startWith(IntFunction<String> blocks) throws IOException {
        return startAs(Optional.empty(), blocks);
    }

    /// As [#start], with workers that run as another user. Needs root.
    static Nginx startAs(String user, String location) throws IOException {
        return startAs(Optional.of(user), port ->
                "server { listen 127.0.0.1:%d; location / { %s } }".formatted(port, location));
    }

    private static Nginx startAs(Optional<String> user, IntFunction<String> blocks) throws IOException {
        Path program = program();
        return new Nginx(WebServer.start("nginx", "nginx.pid", (folder, port) -> {
            Files.createDirectories(folder.resolve("temp"));
            Files.writeString(folder.resolve("nginx.conf"), configuration(user, blocks.apply(port)));
            Files.copy(Path.of("/etc/nginx/uwsgi_params"), folder.resolve("uwsgi_params"));
            return List.of(program.toString(), "-p", folder.toString(), "-c", "nginx.conf", "-e", "error.log");
        }));
    }

    /// Where nginx is. The test ends here without it.
    static Path program() {
        Path program = PLACES.stream().filter(Files::isExecutable).findFirst().orElse(null);
        if (program == null) {
            if ("1".equals(System.getenv("LOOMGATE_REQUIRE_NGINX"))) {
                throw new AssertionError("nginx is not installed, and LOOMGATE_REQUIRE_NGINX=1");
            }
            assumeTrue(false, "nginx is not installed: scripts/test installs it");
        }
        return program;
    }

    private static String configuration(Optional<String> user, String blocks) {
        return """
                daemon off;
                %s
                worker_processes 1;
                pid nginx.pid;
                error_log error.log info;
                events { worker_connections 4096; }
                http {
                    access_log off;
                    client_body_temp_path temp/body;
                    proxy_temp_path temp/proxy;
                    fastcgi_temp_path temp/fastcgi;
                    uwsgi_temp_path temp/uwsgi;
                    scgi_temp_path temp/scgi;
                    client_max_body_size 200m;
                    %s
                }
                """.formatted(isRoot() ? "user " + user.orElse("root") + ";" : "", blocks);
    }

    @Override
    public String product() {
        return "nginx";
    }

    @Override
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    int port() {
        return server.port();
    }

    /// Where relative names of its configuration lead.
    Path folder() {
        return server.folder();
    }

    String errorLog() throws IOException {
        return Files.readString(folder().resolve("error.log"));
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
