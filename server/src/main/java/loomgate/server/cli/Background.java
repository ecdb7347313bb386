package loomgate.server.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import loomgate.server.config.Configuration;
import loomgate.server.control.ExitCode;
import loomgate.server.os.Descriptor;
import loomgate.server.os.ExitStatus;
import loomgate.server.os.Privileges;
import loomgate.server.os.Processes;
import loomgate.server.os.Sockets;

/// `daemonize`: starts the server as a process of its own, waits until it serves, and tells how that went.
///
/// A JVM cannot fork, so the server is a second JVM. What keeps it from beginning it says on our terminal, which it has
/// until it turns to its log; what happens then is in that log, and is copied to the terminal if it goes wrong. It
/// stops if we are gone before it serves.
final class Background {

    private static final int MOST_COPIED = 16_000; // bytes of the log

    private final Path log;
    private final long before; // the log's size

    private Background(Path log) throws IOException {
        this.log = log;
        this.before = Files.isRegularFile(log) ? Files.size(log) : 0;
    }

    /// Returns when the server serves, or does not.
    static ExitCode start(Configuration configuration, OwnCommand own) throws IOException {
        if (System.getenv("NOTIFY_SOCKET") != null) {
            System.err.println("loomgate: daemonize is of no use under systemd, which watches the process that it has"
                    + " started (NOTIFY_SOCKET is set): remove it from the INI, systemd keeps the log itself");
            return ExitCode.CONFIGURATION_WRONG;
        }
        configuration.warnings().forEach(System.err::println);
        return new Background(configuration.master().daemonize().orElseThrow()).run(configuration, own);
    }

    private ExitCode run(Configuration configuration, OwnCommand own) throws IOException {
        if (NewPrivileges.areToBeForbidden(configuration)) {
            Privileges.forbidNewOnes();
        }
        List<Descriptor> pair = Sockets.pair();
        Descriptor ours = pair.get(0);
        Descriptor theirs = pair.get(1);
        Descriptor nothing = Descriptor.devNull();
        int pid = Processes.spawnApart(own.daemon(
                List.of(nothing, new Descriptor(1), new Descriptor(2), theirs)));
        theirs.close();
        nothing.close();
        return ours.input().read() >= 0 ? ExitCode.STOPPED : failed(pid);
    }

    private ExitCode failed(int pid) throws IOException {
        ExitStatus status = Processes.reap(pid);
        copyLog();
        int number = status instanceof ExitStatus.Exited(int exited) ? exited : -1;
        if (number == ExitCode.STOPPED.status()) {
            System.err.println("loomgate: the server was stopped before it was ready");
            return ExitCode.CUT_SHORT;
        }
        System.err.println("loomgate: the server does not run: process " + pid + " " + status);
        return Stream.of(ExitCode.values()).filter(code -> code.status() == number).findFirst()
                .orElse(ExitCode.INTERNAL_ERROR);
    }

    /// Shows what the server has written there.
    private void copyLog() throws IOException {
        if (!Files.isRegularFile(log) || Files.size(log) <= before) {
            return;
        }
        long size = Files.size(log);
        long from = Math.max(before, size - MOST_COPIED);
        try (SeekableByteChannel file = Files.newByteChannel(log).position(from)) {
            ByteBuffer text = ByteBuffer.allocate((int) (size - from));
            while (text.hasRemaining() && file.read(text) >= 0) {
                continue;
            }
            String end = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8);
            System.err.print(from > before ? "[…]" + end : end);
        }
    }
}
