package loomgate.server.master;

import java.io.IOException;
import java.util.Optional;
import loomgate.server.config.ListenAddress;
import loomgate.server.config.ListenerSettings;
import loomgate.server.os.Descriptor;
import loomgate.server.os.Sockets;

/// A listener that the kernel queues connections for.
///
/// @param settings as configured
/// @param address  where it really is: with the port that the kernel chose
/// @param file     what stands for it in the file system, if this server has put it there
/// @param isPassed whether it is systemd's, who opened it: it is neither closed nor deleted, and outlives the server
record OpenListener(ListenerSettings settings, Descriptor socket, String address, Optional<OwnFile> file,
        boolean isPassed) {

    OpenListener(ListenerSettings settings, Descriptor socket, String address, Optional<OwnFile> file) {
        this(settings, socket, address, file, false);
    }

    /// Whether it is what these settings ask for. What else they say takes a restart.
    boolean isFor(ListenerSettings wanted) {
        return settings.kind() == wanted.kind() && settings.address().equals(wanted.address());
    }

    /// Lets no more clients connect where that is possible without a loss, and gives up the master's hold. A TCP socket
    /// refuses when the last worker has let go.
    void refuseAndClose() throws IOException {
        if (isPassed) {
            return; // clients go on to connect, and wait for the next server
        }
        try {
            if (!(settings.address() instanceof ListenAddress.Tcp)) {
                Sockets.refuseConnections(socket);
            }
        } finally {
            socket.close();
        }
    }
}
