package loomgate.server.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The log's file: moved, truncated, full, and shared with what the application prints.
@Timeout(90)
class LogFileIT {

    private static final Pattern REQUEST = Pattern.compile("GET /hello => generated 6 bytes in \\d+ msecs"
            + " \\(HTTP/1.1 200\\) \\d+ headers in \\d+ bytes \\(1 switches on core 0\\)");

    @Test
    void rotationByMovingLosesAndTearsNoLine() throws Exception {
        try (RunningServer server = start("processes = 2\nlogto = app.log\ntouch-logreopen = reopen\n")) {
            Path log = server.folder().resolve("app.log");
            awaitIn(log, "ready after", 2);
            AtomicBoolean isOver = new AtomicBoolean();
            List<FutureTask<Integer>> clients = clients(server, isOver);
            for (int i = 1; i <= 3; i++) {
                awaitIn(log, "GET /hello", 1); // a line of the file that is to be moved
                Files.move(log, server.folder().resolve("app.log." + i));
                if (i < 3) {
                    server.signal("USR1");
                } else {
                    Files.createFile(server.folder().resolve("reopen"));
                }
                await().atMost(Duration.ofSeconds(10)).until(() -> Files.exists(log));
            }
            for (long worker : server.workers()) { // both have opened it
                awaitIn(log, "\\[pid: " + worker + "\\|", 1);
            }
            isOver.set(true);
            int sent = 0;
            for (FutureTask<Integer> client : clients) {
                sent += client.get(20, TimeUnit.SECONDS);
            }
            server.signal("TERM");
            assertEquals(0, server.exitStatus());
            int logged = 0;
            for (Path file : List.of(log, server.folder().resolve("app.log.1"), server.folder().resolve("app.log.2"),
                    server.folder().resolve("app.log.3"))) {
                for (String line : text(file).lines().filter(LogFileIT::isOfARequest).toList()) {
                    assertTrue(line.startsWith("[pid: ") && REQUEST.matcher(line).find(), "torn: " + line);
                    logged++;
                }
            }
            assertEquals(sent, logged);
            assertTrue(text(log).contains("GET /hello"), "the new file is in use");
            server.succeeded();
        }
    }

    /// Any part of a request's line, and not a warning about a request, which a loaded machine may cause.
    private static boolean isOfARequest(String line) {
        return line.contains("[pid: ") || line.contains("=> generated");
    }

    @Test
    void rotationByTruncationLeavesNoHole() throws Exception {
        try (RunningServer server = start("logto = app.log\n")) {
            Path log = server.folder().resolve("app.log");
            awaitIn(log, "ready after", 1);
            Client client = Client.http(server.folder().resolve("app.http"));
            client.get("/hello");
            awaitIn(log, "GET /hello", 1);
            try (FileChannel file = FileChannel.open(log, StandardOpenOption.WRITE)) {
                file.truncate(0);
            }
            client.get("/hello");
            awaitIn(log, "GET /hello", 1);
            assertTrue(text(log).startsWith("[pid: "), text(log));
            server.assertStops();
        }
    }

    @Test
    void fullDiskStopsNoRequestAndWhatWasDroppedIsTold() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can mount a small file system");
        Path small = Files.createTempDirectory("loomgate-small");
        run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small.toString());
        try (RunningServer server = start("logto = " + small.resolve("app.log") + "\n")) {
            Path log = small.resolve("app.log");
            awaitIn(log, "ready after", 1);
            Files.write(small.resolve("filler"), new byte[32 * 1024]);
            Client client = Client.http(server.folder().resolve("app.http"));
            for (int i = 0; i < 2000; i++) {
                assertTrue(client.get("/hello").isComplete("hello\n"));
            }
            Files.delete(small.resolve("filler"));
            await().atMost(Duration.ofSeconds(10)).until(() -> {
                client.get("/hello");
                return Pattern.compile("log: \\d+ lines were dropped").matcher(text(log)).find();
            });
            server.assertStops();
        } finally {
            run("umount", "-l", small.toString());
            Files.delete(small);
        }
    }

    @Test
    void whatTheApplicationPrintsBearsTheWorkersName() throws Exception {
        try (RunningServer server = start("")) {
            server.awaitReady(1);
            Client.http(server.folder().resolve("app.http")).get("/print?text=f%C3%BCr%20dich");
            long worker = server.workers().getFirst();
            server.awaitLog("(?m)^worker 1 gen 1 pid " + worker + ": out für dich$", 1);
            server.awaitLog("(?m)^worker 1 gen 1 pid " + worker + ": err für dich$", 1);
            server.assertStops();
        }
    }

    /// Clients that count what they sent.
    private static List<FutureTask<Integer>> clients(RunningServer server, AtomicBoolean isOver) {
        List<FutureTask<Integer>> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            FutureTask<Integer> client = new FutureTask<>(() -> {
                int sent = 0;
                while (!isOver.get()) {
                    assertTrue(Client.http(server.folder().resolve("app.http")).get("/hello").isComplete("hello\n"));
                    sent++;
                }
                return sent;
            });
            Thread.ofVirtual().start(client);
            clients.add(client);
        }
        return clients;
    }

    private static void awaitIn(Path file, String regex, int times) {
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(file)
                && Pattern.compile(regex).matcher(text(file)).results().count() >= times);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor(), () -> String.join(" ", command));
    }

    private static RunningServer start(String ini) throws Exception {
        return RunningServer.start("http = app.http\n" + ini + RunningServer.UNRULY_APPLICATION);
    }
}
