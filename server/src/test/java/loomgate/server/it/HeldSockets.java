package loomgate.server.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import loomgate.server.os.Descriptor;
import loomgate.server.os.OsException;
import loomgate.server.os.Program;
import loomgate.server.os.Sockets;
import loomgate.server.os.SpawnedProcess;

/// The sockets that systemd would have, and the folder that they are in.
final class HeldSockets implements AutoCloseable {

    private static final int QUEUE = 4096; // what systemd gives, as far as the kernel allows

    final Path folder;
    final List<Descriptor> sockets = new ArrayList<>();
    final List<String> names = new ArrayList<>();

    HeldSockets() throws IOException {
        folder = Files.createTempDirectory("loomgate-it");
    }

    Path unix(String file, String name) throws IOException {
        add(Sockets.bindUnix(folder.resolve(file)), name);
        Files.setPosixFilePermissions(folder.resolve(file),
                PosixFilePermissions.fromString("rwxr-xr-x"));
        return folder.resolve(file);
    }

    void abstractName(String name) throws OsException {
        add(Sockets.bindAbstract(name), "abstract");
    }

    int tcp(String ip, String name) throws IOException {
        Descriptor socket = Sockets.bindTcp(new InetSocketAddress(InetAddress.getByName(ip), 0), 1);
        add(socket, name);
        return Sockets.localPort(socket);
    }

    private void add(Descriptor socket, String name) throws OsException {
        Sockets.listen(socket, QUEUE);
        sockets.add(socket);
        names.add(name);
    }

    /// As systemd does it: the sockets from 3 on, and the process's own pid in its environment.
    RunningServer start(String ini) throws IOException {
        Path own = Files.createTempDirectory("loomgate-it");
        Files.writeString(own.resolve("app.ini"),
                "[uwsgi]\nchdir = " + folder + "\n" + ini + RunningServer.TEST_APPLICATION);
        List<String> arguments = new ArrayList<>(List.of("sh", "-c", "LISTEN_PID=$$ exec \"$@\"", "sh"));
        arguments.addAll(RunningServer.command("app.ini"));
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("LISTEN_FDS", "" + sockets.size());
        environment.put("LISTEN_FDNAMES", String.join(":", names));
        Descriptor nothing = Descriptor.devNull();
        Descriptor log = Descriptor.appendingTo(own.resolve("log").toString(), 0600);
        try {
            List<Descriptor> open = new ArrayList<>(List.of(nothing, log, log));
            open.addAll(sockets);
            return RunningServer.of(own, SpawnedProcess.start(
                    new Program(Path.of("/bin/sh"), arguments, environment, own, open)));
        } finally {
            log.close();
            nothing.close();
        }
    }

    @Override
    public void close() throws IOException {
        for (Descriptor socket : sockets) {
            socket.close();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
