package loomgate.server.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/// Whether the peer of a connection has gone away, asked of the kernel without reading a byte: who reads to find out
/// takes bytes from the connection's owner.
///
/// The JDK tells nobody the descriptor of a channel. A JVM that is started with
/// `--add-exports java.base/sun.nio.ch=ALL-UNNAMED` does (docs/decisions/0005-vanished-clients.md).
public final class PeerState {

    private static final MethodHandle POLL = Libc.function("poll", Libc.INT, Libc.POINTER, Libc.LONG, Libc.INT);
    private static final Optional<Method> DESCRIPTOR_OF = descriptorMethod();

    private static final int POLLFD = 8; // bytes: int fd, short events, short revents
    private static final int EVENTS = 4; // offset
    private static final int REVENTS = 6; // offset
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
            number = (int) DESCRIPTOR_OF.get().invoke(channel);
        } catch (ClosedChannelException _) {
            return false; // by its owner, who knows
        } catch (java.io.IOException | IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("a channel does not tell its descriptor", e);
        }
        short[] happened = new short[1];
        Libc.call("poll", (arena, errno) -> {
            MemorySegment pollfd = arena.allocate(POLLFD, 4);
            pollfd.set(ValueLayout.JAVA_INT, 0, number);
            pollfd.set(ValueLayout.JAVA_SHORT, EVENTS, wanted);
            int result = (int) POLL.invokeExact(errno, pollfd, 1L, 0);
            happened[0] = pollfd.get(ValueLayout.JAVA_SHORT, REVENTS);
            return result;
        });
        return (happened[0] & (POLLERR | POLLHUP | POLLRDHUP)) != 0;
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
