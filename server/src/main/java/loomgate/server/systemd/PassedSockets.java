package loomgate.server.systemd;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import loomgate.server.config.ListenAddress;
import loomgate.server.config.ListenerSettings;
import loomgate.server.os.BoundAddress;
import loomgate.server.os.Descriptor;
import loomgate.server.os.OsException;
import loomgate.server.os.Sockets;

/// The sockets that systemd opened for this process, as sd_listen_fds(3) has it. They stay open as long as the process
/// lives, whatever becomes of listeners: a reload may come back to them.
public final class PassedSockets {

    private static final int FIRST = 3; // SD_LISTEN_FDS_START

    private static PassedSockets own; // null until it is asked for

    private final List<PassedSocket> sockets;

    PassedSockets(List<PassedSocket> sockets) {
        this.sockets = List.copyOf(sockets);
    }

    /// Those of this process. None of them is inherited by programs that it starts, except as a listener of a worker.
    public static synchronized PassedSockets own() throws PassedSocketsException {
        if (own == null) {
            own = new PassedSockets(taken(names(System.getenv(), ProcessHandle.current().pid())));
        }
        return own;
    }

    /// The names of the sockets, empty ones for those that have none; no sockets if they are meant for another process.
    static List<String> names(Map<String, String> environment, long pid) throws PassedSocketsException {
        String count = environment.getOrDefault("LISTEN_FDS", "0");
        if (!environment.getOrDefault("LISTEN_PID", "").equals(Long.toString(pid))) {
            return List.of();
        }
        if (!count.matches("[0-9]{1,4}")) {
            throw new PassedSocketsException("LISTEN_FDS = '" + count + "' in the environment is no number of sockets");
        }
        List<String> names = new ArrayList<>();
        String all = environment.getOrDefault("LISTEN_FDNAMES", "");
        if (!all.isEmpty()) {
            names.addAll(List.of(all.split(":", -1)));
        }
        while (names.size() < Integer.parseInt(count)) {
            names.add("");
        }
        return names.subList(0, Integer.parseInt(count));
    }

    private static List<PassedSocket> taken(List<String> names) throws PassedSocketsException {
        List<PassedSocket> sockets = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            sockets.add(taken(new Descriptor(FIRST + i), names.get(i)));
        }
        return sockets;
    }

    private static PassedSocket taken(Descriptor descriptor, String name) throws PassedSocketsException {
        try {
            descriptor.closeOnExec();
            PassedSocket socket = new PassedSocket(descriptor, name, Sockets.boundAddress(descriptor));
            if (!Sockets.isListening(descriptor)) {
                throw new PassedSocketsException("systemd passed " + socket
                        + ", on which no connections can be accepted: the socket unit needs ListenStream= and"
                        + " Accept=no");
            }
            return socket;
        } catch (OsException e) {
            throw new PassedSocketsException("systemd passed descriptor " + descriptor.number()
                    + (name.isEmpty() ? "" : " (" + name + ")") + ", which is no socket: " + e.getMessage());
        }
    }

    /// All of them, listeners or not.
    public List<Descriptor> descriptors() {
        return sockets.stream().map(PassedSocket::descriptor).toList();
    }

    /// The one that a listener is to have; empty if it is to be bound.
    ///
    /// @throws PassedSocketsException if the listener names a socket that there is not, or more than one
    public Optional<PassedSocket> of(ListenerSettings listener) throws PassedSocketsException {
        List<PassedSocket> found = sockets.stream().filter(socket -> isAt(socket, listener.address())).toList();
        if (found.isEmpty()) {
            found = sockets.stream().filter(socket -> takesAllOf(socket, listener.address())).toList();
        }
        if (listener.address() instanceof ListenAddress.Passed) {
            if (found.isEmpty()) {
                throw new PassedSocketsException(listener.address() + ": systemd passed no socket of that name, but "
                        + (sockets.isEmpty() ? "none at all: is the socket unit started?" : told(sockets)));
            }
            if (found.size() > 1) {
                throw new PassedSocketsException(listener.address() + ": systemd passed " + found.size()
                        + " sockets of that name, " + told(found) + ": write their addresses instead");
            }
        }
        return found.stream().findFirst();
    }

    /// Sees to it that no connections wait at a socket that nobody serves.
    ///
    /// @param listeners all that there are to be
    public void requireUseBy(List<ListenerSettings> listeners) throws PassedSocketsException {
        for (PassedSocket socket : sockets) {
            List<String> users = new ArrayList<>();
            for (ListenerSettings listener : listeners) {
                if (of(listener).equals(Optional.of(socket))) {
                    users.add(listener.address().toString());
                }
            }
            if (users.isEmpty()) {
                throw new PassedSocketsException("systemd passed " + socket + ", which no socket or http is for. There"
                        + " are: " + listeners.stream().map(listener -> listener.address().toString())
                                .collect(Collectors.joining(", ")));
            }
            if (users.size() > 1) {
                throw new PassedSocketsException("systemd passed " + socket + ", which " + String.join(" and ", users)
                        + " are for: keep one of them");
            }
        }
    }

    private static String told(List<PassedSocket> sockets) {
        return sockets.stream().map(PassedSocket::toString).collect(Collectors.joining(", "));
    }

    private static boolean isAt(PassedSocket socket, ListenAddress wanted) {
        return switch (wanted) {
            case ListenAddress.Passed(String name) -> socket.name().equals(name);
            case ListenAddress.UnixPath(Path path) ->
                socket.address() instanceof BoundAddress.UnixPath(Path bound) && isSame(path, bound);
            case ListenAddress.UnixAbstract(String name) ->
                socket.address().equals(new BoundAddress.UnixAbstract(name));
            case ListenAddress.Tcp tcp ->
                socket.address() instanceof BoundAddress.Tcp(InetAddress ip, int port)
                        && port == tcp.port() && Optional.of(ip).equals(ip(tcp));
        };
    }

    /// `ListenStream=8080` is `[::]:8080`, and takes IPv4 as well; `http = :8080` means no less.
    private static boolean takesAllOf(PassedSocket socket, ListenAddress wanted) {
        return wanted instanceof ListenAddress.Tcp tcp
                && ip(tcp).filter(ip -> ip instanceof Inet4Address && ip.isAnyLocalAddress()).isPresent()
                && socket.address() instanceof BoundAddress.Tcp(InetAddress ip, int port)
                && port == tcp.port() && ip instanceof Inet6Address && ip.isAnyLocalAddress();
    }

    /// By another way to the same file as well: `/var/run` is `/run`.
    private static boolean isSame(Path wanted, Path bound) {
        try {
            return wanted.equals(bound) || Files.exists(wanted) && Files.isSameFile(wanted, bound);
        } catch (IOException _) {
            return false; // the file of the socket is gone
        }
    }

    /// Empty if it is unknown, which is told when it is bound.
    private static Optional<InetAddress> ip(ListenAddress.Tcp tcp) {
        try {
            return Optional.of(InetAddress.getByName(tcp.host().isEmpty() ? "0.0.0.0" : tcp.host()));
        } catch (UnknownHostException _) {
            return Optional.empty();
        }
    }
}
