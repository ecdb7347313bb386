package loomgate.server.os;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/// What the kernel knows of the peer of a connection: whether it has gone away, asked without reading a byte, since who
/// reads to find out takes bytes from the connection's owner; and how much it has still to take.
///
/// The JDK tells nobody the descriptor of a channel. A JVM that is started with
/// `--add-exports java.base/sun.nio.ch=ALL-UNNAMED` does (docs/decisions/0005-vanished-clients.md).
public final class PeerState {

    private static final CFunction POLL = Libc.function("poll");
    private static final CFunction IOCTL = Libc.function("ioctl");
    private static final Optional<Method> DESCRIPTOR_OF = descriptorMethod();

    private static final int POLLFD = 8; // bytes: int fd, short events, short revents
    private static final int EVENTS = 4; // offset
    private static final int REVENTS = 6; // offset
    private static final long SIOCOUTQ = 0x5411; // tcp(7), unix(7)
    private static final short POLLERR = 0x008;
    private static final short POLLHUP = 0x010;
    private static final short POLLRDHUP = 0x2000;

    private PeerState() {}

    /// Whether this JVM can tell.
    public static boolean isKnowable() {
        return DESCRIPTOR_OF.isPresent();
    }

    /// Whether the peer has closed the connection or reset it; a unix socket that is closed for one direction only has
    /// not gone, on TCP that looks the same as a close. False if this JVM cannot tell.
    ///
    /// The channel must not be closed and its number used again during the call; if it may have been, the answer is
    /// about some other connection, and to be disregarded.
    public static boolean isGone(SocketChannel channel) throws OsException {
        if (DESCRIPTOR_OF.isEmpty()) {
            return false;
        }
        short wanted;
        int number;
        try {
            wanted = channel.getRemoteAddress() instanceof UnixDomainSocketAddress ? 0 : POLLRDHUP;
            number = number(channel);
        } catch (ClosedChannelException _) {
            return false; // by its owner, who knows
        } catch (IOException e) {
            throw new IllegalStateException("a channel does not tell its peer", e);
        }
        short[] happened = new short[1];
        Libc.call("poll", (arena, errno) -> {
            MemorySegment pollfd = arena.allocate(POLLFD, 4);
            pollfd.set(ValueLayout.JAVA_INT, 0, number);
            pollfd.set(ValueLayout.JAVA_SHORT, EVENTS, wanted);
            int result = POLL.asInt(errno, pollfd.address(), 1, 0);
            happened[0] = pollfd.get(ValueLayout.JAVA_SHORT, REVENTS);
            return result;
        });
        return (happened[0] & (POLLERR | POLLHUP | POLLRDHUP)) != 0;
    }

    /// Bytes that were written and that the peer's side has not taken yet: on TCP those that it has not acknowledged,
    /// on a unix socket those that it has not read, with the kernel's own per portion. 0 if this JVM cannot tell. As
    /// for the channel's number, what [#isGone] says holds here as well.
    public static long unsent(SocketChannel channel) throws OsException {
        if (DESCRIPTOR_OF.isEmpty()) {
            return 0;
        }
        int number = number(channel);
        long[] bytes = new long[1];
        Libc.call("ioctl", (arena, errno) -> {
            MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
            int result = IOCTL.asInt(errno, number, SIOCOUTQ, count.address());
            bytes[0] = count.get(ValueLayout.JAVA_INT, 0);
            return result;
        });
        return bytes[0];
    }

    private static int number(SocketChannel channel) {
        try {
            return (int) DESCRIPTOR_OF.orElseThrow().invoke(channel);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("a channel does not tell its descriptor", e);
        }
    }

    private static Optional<Method> descriptorMethod() {
        try {
            Method method = Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal");
            return method.getDeclaringClass().getModule().isExported("sun.nio.ch", PeerState.class.getModule())
                    ? Optional.of(method) : Optional.empty();
        } catch (ReflectiveOperationException _) {
            return Optional.empty(); // another JDK than those we know
        }
    }
}
