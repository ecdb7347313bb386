package loomgate.server.it;

import static org.awaitility.Awaitility.await;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A web server's process in a folder of its own, which listens on a port of 127.0.0.1 that was free.
record WebServer(Path folder, Process process, int port) implements Closeable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MOST_STARTS = 5;
    private static final String PORT_IS_TAKEN = "(98"; // EADDRINUSE, as both nginx and httpd say it

    /// What is to be started.
    interface Plan {

        /// Writes the server's files into a folder, and returns the command that starts it there in the foreground.
        List<String> prepared(Path folder, int port) throws IOException;
    }

    /// Starts it, again on another port if somebody was faster to take the one that was free.
    ///
    /// @param pidFile in the folder, written when the server listens: who answers on the port may be somebody else
    static WebServer start(String name, String pidFile, Plan plan) throws IOException {
        for (int starts = 1; ; starts++) {
            Path folder = Files.createTempDirectory("loomgate-" + name);
            int port = FreePorts.choose(1).getFirst();
            Process process = new ProcessBuilder(plan.prepared(folder, port))
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("output").toFile())
                    .start();
            WebServer server = new WebServer(folder, process, port);
            if (server.awaitListening(folder.resolve(pidFile))) {
                return server;
            }
            String said = server.said();
            server.close();
            if (starts == MOST_STARTS || !said.contains(PORT_IS_TAKEN)) {
                throw new AssertionError(name + " did not start: " + said);
            }
        }
    }

    private boolean awaitListening(Path pidFile) throws IOException {
        try {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20))
                    .until(() -> Files.exists(pidFile) || !process.isAlive());
            return process.isAlive();
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /// What it has to tell of a start that failed.
    private String said() throws IOException {
        Path log = folder.resolve("error.log");
        return Files.readString(folder.resolve("output")) + (Files.exists(log) ? Files.readString(log) : "");
    }

    @Override
    public void close() throws IOException {
        RunningServer.end(process);
        RunningServer.delete(folder);
    }
}
