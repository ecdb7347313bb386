package loomgate.server.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// Sockets as descriptors: those that are made to be handed to another process.
public final class Sockets {

    private static final CFunction SOCKET = Libc.function("socket");
    private static final CFunction BIND = Libc.function("bind");
    private static final CFunction CONNECT = Libc.function("connect");
    private static final CFunction LISTEN = Libc.function("listen");
    private static final CFunction SHUTDOWN = Libc.function("shutdown");
    private static final CFunction SOCKETPAIR = Libc.function("socketpair");
    private static final CFunction SETSOCKOPT = Libc.function("setsockopt");
    private static final CFunction GETSOCKOPT = Libc.function("getsockopt");
    private static final CFunction GETSOCKNAME = Libc.function("getsockname");

    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_TYPE = 3;
    private static final int SO_PEERCRED = 17;
    private static final int SO_ACCEPTCONN = 30;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_NODELAY = 1;
    private static final int TCP_DEFER_ACCEPT = 9;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;
    private static final int SHUT_RD = 0;
    private static final int SHUT_RDWR = 2;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_SNDTIMEO = 21;

    private Sockets() {}

    /// Two connected stream sockets of which neither is inherited by programs started later.
    public static List<Descriptor> pair() throws OsException {
        int[] pair = new int[2];
        Libc.call("socketpair", (arena, errno) -> {
            MemorySegment both = arena.allocate(8);
            int result = SOCKETPAIR.asInt(
                    errno, SocketAddresses.AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both.address());
            MemorySegment.copy(both, ValueLayout.JAVA_INT, 0, pair, 0, 2);
            return result;
        });
        return List.of(new Descriptor(pair[0]), new Descriptor(pair[1]));
    }

    /// A TCP socket bound to an address, not yet listening. Port 0 lets the kernel choose. Connections inherit
    /// TCP_NODELAY, and are held back by the kernel until they have sent something, for `deferSeconds` at most.
    public static Descriptor bindTcp(InetSocketAddress address, int deferSeconds) throws OsException {
        return bindTcp(address, deferSeconds, true); // so that :80 and [::]:80 can stand side by side
    }

    /// As [#bindTcp], but `::` is all addresses of IPv4, too. Connections are not held back.
    public static Descriptor bindTcpForBoth(InetSocketAddress address) throws OsException {
        return bindTcp(address, 0, false);
    }

    private static Descriptor bindTcp(InetSocketAddress address, int deferSeconds, boolean isForSixOnly)
            throws OsException {
        boolean six = address.getAddress().getAddress().length == 16;
        Descriptor socket = open(six ? SocketAddresses.AF_INET6 : SocketAddresses.AF_INET, 0);
        return closedOnFailure(socket, () -> {
            set(socket, SOL_SOCKET, SO_REUSEADDR, 1);
            if (six) {
                set(socket, IPPROTO_IPV6, IPV6_V6ONLY, isForSixOnly ? 1 : 0);
            }
            tuneTcp(socket, deferSeconds);
            bind(socket, arena -> SocketAddresses.internet(arena, address));
        });
    }

    /// Sets a TCP socket, whoever bound it, to what those of [#bindTcp] are.
    public static void tuneTcp(Descriptor socket, int deferSeconds) throws OsException {
        set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
        set(socket, IPPROTO_TCP, TCP_DEFER_ACCEPT, deferSeconds);
    }

    /// A unix socket bound to a path that does not exist; its mode is 0777 without the umask's bits.
    public static Descriptor bindUnix(Path path) throws OsException {
        Descriptor socket = open(SocketAddresses.AF_UNIX, 0);
        return closedOnFailure(
                socket, () -> bind(socket, arena -> SocketAddresses.unixPath(arena, path.toString())));
    }

    /// A unix socket bound to a name in the kernel's abstract name space.
    public static Descriptor bindAbstract(String name) throws OsException {
        Descriptor socket = open(SocketAddresses.AF_UNIX, 0);
        return closedOnFailure(socket, () -> bind(socket, arena -> SocketAddresses.unixAbstract(arena, name)));
    }

    /// Lets clients connect.
    public static void listen(Descriptor socket, int backlog) throws OsException {
        Libc.call("listen", (_, errno) -> LISTEN.asInt(errno, socket.number(), backlog));
    }

    /// Refuses new connections on a unix socket in all processes that share it; those that wait can still be accepted.
    /// After the last of them `accept` fails. (On TCP this would reset the ones that wait.)
    public static void refuseConnections(Descriptor unixListener) throws OsException {
        Libc.call("shutdown", (_, errno) -> SHUTDOWN.asInt(errno, unixListener.number(), SHUT_RD));
    }

    /// Asks whether somebody listens at a unix path and returns the pid of the process that does; 0 if it is there but
    /// its queue is full, so that it cannot be asked who it is.
    ///
    /// @throws OsException ECONNREFUSED: nobody listens; ENOENT: no such file; ECONNREFUSED also for a file that is no
    ///                     socket
    public static int listenerOf(Path path) throws OsException {
        Descriptor socket = open(SocketAddresses.AF_UNIX, SOCK_NONBLOCK); // a full backlog must not make us wait
        try {
            try {
                connect(socket, arena -> SocketAddresses.unixPath(arena, path.toString()));
            } catch (OsException e) {
                if (e.errno() == OsException.EAGAIN) {
                    return 0;
                }
                throw e;
            }
            return peer(socket).process();
        } finally {
            socket.close();
        }
    }

    /// A connection to a name in the kernel's abstract name space. A full queue is waited for until `limit`.
    ///
    /// @throws OsException ECONNREFUSED: nobody listens; EAGAIN: the queue stayed full
    static Descriptor connectAbstract(String name, Duration limit) throws OsException {
        Descriptor socket = open(SocketAddresses.AF_UNIX, 0);
        return closedOnFailure(socket, () -> {
            limitTime(socket, SO_SNDTIMEO, limit);
            connect(socket, arena -> SocketAddresses.unixAbstract(arena, name));
        });
    }

    /// How long a read may take; zero for any time.
    static void limitReads(Descriptor socket, Duration limit) throws OsException {
        limitTime(socket, SO_RCVTIMEO, limit);
    }

    /// Ends a connection in both directions, or makes `accept` fail. Who waits for it in another thread wakes up, which
    /// a mere `close` does not achieve.
    public static void shutDown(Descriptor socket) throws OsException {
        Libc.call("shutdown", (_, errno) -> SHUTDOWN.asInt(errno, socket.number(), SHUT_RDWR));
    }

    /// The port that a bound TCP socket has.
    public static int localPort(Descriptor socket) throws OsException {
        int[] port = new int[1];
        localAddress(socket, (address, _) -> port[0] = SocketAddresses.port(address));
        return port[0];
    }

    /// Whether connections can be accepted from the descriptor.
    ///
    /// @throws OsException also if it is no socket
    public static boolean isListening(Descriptor socket) throws OsException {
        return get(socket, SO_TYPE) == SOCK_STREAM && get(socket, SO_ACCEPTCONN) != 0;
    }

    /// The connections by TCP that this process has, whoever opened them, but for standard input, output and error.
    public static List<Descriptor> connections() throws IOException {
        try (Stream<Path> numbers = Files.list(Path.of("/proc/self/fd"))) {
            return numbers.map(path -> new Descriptor(Integer.parseInt(path.getFileName().toString())))
                    .filter(descriptor -> descriptor.number() > 2 && isConnection(descriptor)).toList();
        }
    }

    private static boolean isConnection(Descriptor descriptor) {
        try {
            return boundAddress(descriptor) instanceof BoundAddress.Tcp && !isListening(descriptor);
        } catch (OsException _) {
            return false; // no socket
        }
    }

    /// Where a socket is bound.
    public static BoundAddress boundAddress(Descriptor socket) throws OsException {
        BoundAddress[] bound = new BoundAddress[1];
        localAddress(socket, (address, length) -> bound[0] = SocketAddresses.bound(address, length));
        return bound[0];
    }

    static int family(Descriptor socket) throws OsException {
        int[] family = new int[1];
        localAddress(socket, (address, _) -> family[0] = SocketAddresses.family(address));
        return family[0];
    }

    private interface AddressUse {
        void accept(MemorySegment address, int length);
    }

    private static void localAddress(Descriptor socket, AddressUse use) throws OsException {
        Libc.call("getsockname", (arena, errno) -> {
            MemorySegment address = arena.allocate(SocketAddresses.ROOM);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, SocketAddresses.ROOM);
            int result = GETSOCKNAME.asInt(errno, socket.number(), address.address(), length.address());
            if (result == 0) {
                use.accept(address, length.get(ValueLayout.JAVA_INT, 0));
            }
            return result;
        });
    }

    /// Who connected, or for a client: who listens. That of the time when it did so.
    static PeerCredentials peer(Descriptor socket) throws OsException {
        int[] processAndUser = new int[2];
        Libc.call("getsockopt SO_PEERCRED", (arena, errno) -> {
            MemorySegment credentials = arena.allocate(12, 4); // struct ucred: pid, uid, gid
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 12);
            int result =
                    GETSOCKOPT.asInt(errno, socket.number(), SOL_SOCKET, SO_PEERCRED, credentials.address(),
                            length.address());
            MemorySegment.copy(credentials, ValueLayout.JAVA_INT, 0, processAndUser, 0, 2);
            return result;
        });
        return new PeerCredentials(processAndUser[0], processAndUser[1]);
    }

    private static void connect(Descriptor socket, AddressIn addressIn) throws OsException {
        Libc.call("connect", (arena, errno) -> {
            MemorySegment address = addressIn.of(arena);
            return CONNECT.asInt(errno, socket.number(), address.address(), (int) address.byteSize());
        });
    }

    private interface AddressIn {
        MemorySegment of(Arena arena);
    }

    private static void bind(Descriptor socket, AddressIn addressIn) throws OsException {
        Libc.call("bind", (arena, errno) -> {
            MemorySegment address = addressIn.of(arena);
            return BIND.asInt(errno, socket.number(), address.address(), (int) address.byteSize());
        });
    }

    private static Descriptor open(int family, int flags) throws OsException {
        return new Descriptor((int) Libc.call(
                "socket", (_, errno) -> SOCKET.asInt(errno, family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)));
    }

    private static void set(Descriptor socket, int level, int option, int value) throws OsException {
        Libc.call("setsockopt", (arena, errno) -> SETSOCKOPT.asInt(
                errno, socket.number(), level, option, arena.allocateFrom(ValueLayout.JAVA_INT, value).address(), 4));
    }

    private static void limitTime(Descriptor socket, int option, Duration limit) throws OsException {
        Libc.call("setsockopt", (arena, errno) -> {
            MemorySegment timeval = arena.allocate(16, 8); // seconds and microseconds, of 64-bit Linux
            timeval.set(ValueLayout.JAVA_LONG, 0, limit.toSeconds());
            timeval.set(ValueLayout.JAVA_LONG, 8, limit.toNanosPart() / 1000);
            return SETSOCKOPT.asInt(errno, socket.number(), SOL_SOCKET, option, timeval.address(), 16);
        });
    }

    private static int get(Descriptor socket, int option) throws OsException {
        int[] value = new int[1];
        Libc.call("getsockopt", (arena, errno) -> {
            MemorySegment room = arena.allocate(4, 4);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 4);
            int result = GETSOCKOPT.asInt(errno, socket.number(), SOL_SOCKET, option, room.address(), length.address());
            value[0] = room.get(ValueLayout.JAVA_INT, 0);
            return result;
        });
        return value[0];
    }

    private interface Step {
        void run() throws OsException;
    }

    private static Descriptor closedOnFailure(Descriptor socket, Step step) throws OsException {
        try {
            step.run();
            return socket;
        } catch (OsException e) {
            socket.close();
            throw e;
        }
    }
}
