package loomgate.server.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// Ports for those who have to be told theirs.
final class FreePorts {

    private static final int LOWEST = 10_000;

    private FreePorts() {}

    /// So many ports of 127.0.0.1 that nobody has. They are below those that the kernel gives to whoever asks for any:
    /// such a one could be somebody else's before it is used.
    static List<Integer> choose(int count) throws IOException {
        int end = firstThatAnybodyGets();
        List<ServerSocket> held = new ArrayList<>(); // until all are chosen
        try {
            while (held.size() < count) {
                int port = end > 2 * LOWEST ? RandomGenerator.getDefault().nextInt(LOWEST, end) : 0;
                try {
                    held.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
                } catch (BindException _) {
                    // another, then
                }
            }
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
    }

    private static int firstThatAnybodyGets() throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(Path.of("/proc/sys/net/ipv4/ip_local_port_range"))) {
            return Integer.parseInt(reader.readLine().split("\\s+")[0]);
        }
    }
}
