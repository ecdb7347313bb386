package loomgate.server.master;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import loomgate.server.config.ListenAddress;
import loomgate.server.config.ListenAddress.Tcp;
import loomgate.server.config.ListenAddress.UnixAbstract;
import loomgate.server.config.ListenAddress.UnixPath;
import loomgate.server.config.ListenerSettings;
import loomgate.server.control.ExitCode;
import loomgate.server.os.BoundAddress;
import loomgate.server.os.Descriptor;
import loomgate.server.os.FileModes;
import loomgate.server.os.OsException;
import loomgate.server.os.Privileges;
import loomgate.server.os.Sockets;
import loomgate.server.systemd.PassedSocket;
import loomgate.server.systemd.PassedSockets;
import loomgate.server.systemd.PassedSocketsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens all listeners, or none. A unix socket has its mode from the first instant and its owner before anybody can
/// connect; a socket file of a living server is never touched.
final class ListenerOpening {

    private static final Logger LOG = LoggerFactory.getLogger(ListenerOpening.class);
    private static final Path SOMAXCONN = Path.of("/proc/sys/net/core/somaxconn");
    private static final int FILE_TYPE = 0170000; // the bits of st_mode that say what a file is
    private static final int SOCKET = 0140000;

    private final List<OpenListener> opened = new ArrayList<>();
    private final int deferSeconds;
    private final Optional<Privileges.Identity> user;

    private ListenerOpening(Duration socketTimeout, Optional<Privileges.Identity> user) {
        this.deferSeconds = (int) Math.max(1, socketTimeout.toSeconds());
        this.user = user;
    }

    /// @param socketTimeout how long the kernel holds TCP connections back that send nothing
    /// @param user          whom sockets belong to that are given to nobody else
    static List<OpenListener> openAll(
            List<ListenerSettings> settings, Duration socketTimeout, Optional<Privileges.Identity> user)
            throws StartException, IOException {
        checkBacklogs(settings);
        ListenerOpening opening = new ListenerOpening(socketTimeout, user);
        boolean isComplete = false;
        try {
            for (ListenerSettings one : settings) {
                opening.opened.add(opening.open(one));
            }
            isComplete = true;
            return opening.opened;
        } finally {
            if (!isComplete) {
                opening.undo();
            }
        }
    }

    private static void checkBacklogs(List<ListenerSettings> settings) throws StartException, IOException {
        int most;
        try (BufferedReader reader = Files.newBufferedReader(SOMAXCONN)) { // by one read: a second one finds nothing
            most = Integer.parseInt(reader.readLine());
        }
        for (ListenerSettings one : settings) {
            if (one.backlog() > most) {
                throw new StartException(ExitCode.CONFIGURATION_WRONG, "listen = " + one.backlog()
                        + " is more than the kernel allows, net.core.somaxconn = " + most
                        + ": lower it, or raise that with sysctl");
            }
        }
    }

    private OpenListener open(ListenerSettings settings) throws StartException, IOException {
        Optional<PassedSocket> passed = passed(settings);
        if (passed.isPresent()) {
            return adopt(settings, passed.get());
        }
        return switch (settings.address()) {
            case ListenAddress.Passed _ -> throw new IllegalStateException("it is passed, or refused");
            case UnixPath(Path path) -> openUnix(settings, path);
            case UnixAbstract(String name) -> openAbstract(settings, name);
            case Tcp tcp -> openTcp(settings, tcp);
        };
    }

    private static Optional<PassedSocket> passed(ListenerSettings settings) throws StartException {
        try {
            return PassedSockets.own().of(settings);
        } catch (PassedSocketsException e) {
            throw new StartException(ExitCode.CONFIGURATION_WRONG, e.getMessage());
        }
    }

    /// Sees to it that systemd passed no socket that nobody serves.
    ///
    /// @param all the listeners that there are to be
    static void requireUseOfPassed(List<ListenerSettings> all) throws StartException {
        try {
            PassedSockets.own().requireUseBy(all);
        } catch (PassedSocketsException e) {
            throw new StartException(ExitCode.CONFIGURATION_WRONG, e.getMessage());
        }
    }

    /// File, owner, mode and the length of the queue are systemd's; how connections are accepted is ours.
    private OpenListener adopt(ListenerSettings settings, PassedSocket passed) throws OsException {
        Descriptor socket = passed.descriptor();
        socket.makeBlocking();
        if (passed.address() instanceof BoundAddress.Tcp) {
            Sockets.tuneTcp(socket, deferSeconds);
        }
        return new OpenListener(settings, socket, passed.address().toString(), Optional.empty(), true);
    }

    /// Leaves nothing behind. What goes wrong here is not what the operator has to mend.
    private void undo() {
        discardAll(opened);
    }

    /// Gives up listeners that nobody will be served on.
    static void discardAll(List<OpenListener> opened) {
        for (OpenListener one : opened) {
            if (one.isPassed()) {
                continue; // systemd's
            }
            undo(one.address(), one.socket()::close);
            if (one.file().isPresent()) {
                undo(one.address(), one.file().get()::remove);
                undo(one.address(), one.file().get()::letGo);
            }
        }
    }

    private interface Undoing {
        void run() throws IOException;
    }

    private static void undo(Object address, Undoing step) {
        try {
            step.run();
        } catch (IOException e) {
            LOG.warn("{} is left behind: {}", address, e.getMessage());
        }
    }

    private interface Step<T> {
        T run() throws StartException, IOException;
    }

    /// Runs what is left to do for a listener, and undoes what was done so far when that fails.
    private static <T> T completing(ListenAddress address, Undoing undoing, Step<T> step)
            throws StartException, IOException {
        boolean isComplete = false;
        try {
            T result = step.run();
            isComplete = true;
            return result;
        } finally {
            if (!isComplete) {
                undo(address, undoing);
            }
        }
    }

    /// Others that open a socket in the same directory wait meanwhile: between its `bind` and its `listen` a socket
    /// looks like a dead one.
    private OpenListener openUnix(ListenerSettings settings, Path path) throws StartException, IOException {
        requireDirectory(path);
        Descriptor lock;
        try {
            lock = Descriptor.lockedDirectory(path.getParent().toString());
        } catch (OsException e) {
            throw cannotListen(path, e.getMessage());
        }
        try {
            removeDeadSocket(path);
            Descriptor socket = bindUnix(settings, path);
            OwnFile file = completing(settings.address(), () -> discard(socket, path), () -> OwnFile.at(path));
            return completing(settings.address(), () -> {
                discard(socket, path);
                file.letGo();
            }, () -> listenAt(settings, socket, file));
        } finally {
            lock.close();
        }
    }

    /// The directory is locked: nobody else has put another file there.
    private static void discard(Descriptor socket, Path path) throws IOException {
        socket.close();
        Files.deleteIfExists(path);
    }

    private OpenListener listenAt(ListenerSettings settings, Descriptor socket, OwnFile file)
            throws StartException, IOException {
        if (user.isPresent()) {
            chown(file.path(), user.get());
        }
        if (settings.owner().isPresent()) {
            chown(file.path(), settings.owner().get());
        }
        Sockets.listen(socket, settings.backlog());
        return new OpenListener(settings, socket, file.path().toString(), Optional.of(file));
    }

    private static Descriptor bindUnix(ListenerSettings settings, Path path) throws StartException {
        try {
            return settings.mode().isPresent()
                    ? FileModes.creatingWith(settings.mode().getAsInt(), () -> Sockets.bindUnix(path))
                    : Sockets.bindUnix(path);
        } catch (OsException e) {
            throw cannotListen(path, e.errno() == OsException.EACCES
                    ? "no permission to create a file in " + path.getParent() : e.getMessage());
        }
    }

    private static void requireDirectory(Path path) throws StartException {
        Path directory = path.getParent();
        if (Files.isDirectory(directory)) {
            return;
        }
        Path existing = directory;
        while (!Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (existing.equals(directory)) {
            throw cannotListen(path, directory + " is not a directory");
        }
        throw cannotListen(path, Files.isDirectory(existing) && !Files.isExecutable(existing)
                ? "no permission to look into " + existing
                : "the directory " + directory + " does not exist" + (existing.equals(directory.getParent())
                        ? "" : " (" + existing + " does)"));
    }

    private static void removeDeadSocket(Path path) throws StartException, IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & FILE_TYPE) != SOCKET) {
            throw cannotListen(path, "there is a file of that name which is no socket; it was left as it is."
                    + " Move it away or choose another path");
        }
        try {
            int pid = Sockets.listenerOf(path);
            throw cannotListen(path, "a running server listens there" + (pid > 0 ? ", process " + pid : "")
                    + "; it was left alone. Stop it or choose another path");
        } catch (OsException e) {
            switch (e.errno()) {
                case OsException.ECONNREFUSED -> Files.delete(path); // nobody listens: left over from a crash
                case OsException.ENOENT -> {} // gone by now
                default -> throw cannotListen(path, "it exists, and whether a server listens there cannot be found"
                        + " out: " + e.getMessage());
            }
        }
    }

    /// By the numbers that the user has, whether or not they have names.
    private static void chown(Path path, Privileges.Identity user) throws IOException {
        Files.setAttribute(path, "unix:gid", user.gid(), LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(path, "unix:uid", user.uid(), LinkOption.NOFOLLOW_LINKS);
    }

    private static void chown(Path path, String owner) throws StartException, IOException {
        int colon = owner.indexOf(':');
        String user = colon < 0 ? owner : owner.substring(0, colon);
        PosixFileAttributeView view =
                Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        UserPrincipalLookupService names = path.getFileSystem().getUserPrincipalLookupService();
        try {
            if (colon >= 0) {
                String group = owner.substring(colon + 1);
                view.setGroup(found(owner, "group " + group, () -> names.lookupPrincipalByGroupName(group)));
            }
            view.setOwner(found(owner, "user " + user, () -> names.lookupPrincipalByName(user)));
        } catch (IOException e) {
            throw cannotListen(path, "chown-socket = " + owner + " is not possible: " + e.getMessage()
                    + "; it needs root, or a group that this user belongs to");
        }
    }

    private interface Lookup<P extends UserPrincipal> {
        P run() throws IOException;
    }

    /// The JDK's exception does not say who is not found.
    private static <P extends UserPrincipal> P found(String owner, String who, Lookup<P> lookup)
            throws StartException, IOException {
        try {
            return lookup.run();
        } catch (UserPrincipalNotFoundException _) {
            throw new StartException(
                    ExitCode.CONFIGURATION_WRONG, "chown-socket = " + owner + ": there is no " + who);
        }
    }

    private OpenListener openAbstract(ListenerSettings settings, String name) throws StartException, IOException {
        try {
            Descriptor socket = Sockets.bindAbstract(name);
            return completing(settings.address(), socket::close, () -> {
                Sockets.listen(socket, settings.backlog());
                return new OpenListener(settings, socket, settings.address().toString(), Optional.empty());
            });
        } catch (OsException e) {
            throw cannotListen(settings.address(), e.errno() == OsException.EADDRINUSE
                    ? "a running server has that name; stop it or choose another" : e.getMessage());
        }
    }

    private OpenListener openTcp(ListenerSettings settings, Tcp tcp) throws StartException, IOException {
        InetSocketAddress address = resolve(tcp);
        try {
            Descriptor socket = Sockets.bindTcp(address, deferSeconds);
            return completing(tcp, socket::close, () -> {
                Sockets.listen(socket, settings.backlog());
                Tcp bound = new Tcp(tcp.host(), Sockets.localPort(socket));
                return new OpenListener(settings, socket, bound.toString(), Optional.empty());
            });
        } catch (OsException e) {
            throw cannotListen(tcp, switch (e.errno()) {
                case OsException.EADDRINUSE -> "another server listens there (ss -ltnp tells which); stop it or choose"
                        + " another port";
                case OsException.EACCES -> "a port below 1024 needs root or the capability CAP_NET_BIND_SERVICE";
                case OsException.EADDRNOTAVAIL -> "this machine does not have that address";
                default -> e.getMessage();
            });
        }
    }

    private static InetSocketAddress resolve(Tcp tcp) throws StartException {
        try {
            return new InetSocketAddress(
                    InetAddress.getByName(tcp.host().isEmpty() ? "0.0.0.0" : tcp.host()), tcp.port());
        } catch (UnknownHostException _) {
            throw cannotListen(tcp, "the host name " + tcp.host() + " is unknown");
        }
    }

    private static StartException cannotListen(Object address, String why) {
        return new StartException(ExitCode.CANNOT_LISTEN, "cannot listen on " + address + ": " + why);
    }
}
