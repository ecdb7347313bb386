package loomgate.server.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/// A private Apache httpd with mod_proxy_uwsgi, with everything it writes in a folder of its own, on a free port of
/// 127.0.0.1. Its children are not root's: httpd refuses that.
final class Apache implements FrontEnd {

    private static final List<Path> PLACES =
            List.of(Path.of("/usr/sbin/apache2"), Path.of("/usr/sbin/httpd"), Path.of("/usr/local/sbin/httpd"));
    private static final List<Path> MODULES = List.of(Path.of("/usr/lib/apache2/modules"),
            Path.of("/usr/lib64/httpd/modules"), Path.of("/usr/libexec/apache2"));

    private final WebServer server;

    private Apache(WebServer server) {
        this.server = server;
    }

    /// Starts httpd so that all requests go to a server of the uwsgi protocol.
    ///
    /// @param target `uwsgi://127.0.0.1:3031/` or `unix:/run/app.sock|uwsgi://localhost/`
    static Apache start(String target) throws IOException {
        Path program = find(PLACES, "httpd (apache2-bin)");
        Path modules = find(
                MODULES.stream().map(path -> path.resolve("mod_proxy_uwsgi.so")).toList(), "mod_proxy_uwsgi")
                .getParent();
        return new Apache(WebServer.start("apache", "httpd.pid", (folder, port) -> {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.writeString(folder.resolve("httpd.conf"), configuration(folder, modules, port, target));
            return List.of(program.toString(), "-d", folder.toString(), "-f", "httpd.conf", "-DFOREGROUND");
        }));
    }

    /// The first of the paths that exists. The test ends here if there is none.
    private static Path find(List<Path> paths, String name) {
        Path found = paths.stream().filter(Files::exists).findFirst().orElse(null);
        if (found == null) {
            if ("1".equals(System.getenv("LOOMGATE_REQUIRE_APACHE"))) {
                throw new AssertionError(name + " is not installed, and LOOMGATE_REQUIRE_APACHE=1");
            }
            assumeTrue(false, name + " is not installed: scripts/test installs it");
        }
        return found;
    }

    /// Connections of clients are not kept: who takes one that httpd is about to close gets no answer, and after a
    /// response that broke off httpd closes it only when it would have been kept no longer.
    private static String configuration(Path folder, Path modules, int port, String target) {
        return """
                DefaultRuntimeDir %1$s
                PidFile httpd.pid
                ErrorLog error.log
                LoadModule mpm_event_module %2$s/mod_mpm_event.so
                LoadModule authz_core_module %2$s/mod_authz_core.so
                LoadModule proxy_module %2$s/mod_proxy.so
                LoadModule proxy_uwsgi_module %2$s/mod_proxy_uwsgi.so
                %3$s
                ServerName localhost
                Listen 127.0.0.1:%4$d
                ListenBacklog 4096
                KeepAlive Off
                ServerLimit 1
                ThreadLimit 600
                ThreadsPerChild 600
                MaxRequestWorkers 600
                AllowEncodedSlashes NoDecode
                ProxyPass / %5$s
                """.formatted(folder, modules, isRoot() ? "User nobody\nGroup #65534" : "", port, target);
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    @Override
    public String product() {
        return "Apache";
    }

    @Override
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
