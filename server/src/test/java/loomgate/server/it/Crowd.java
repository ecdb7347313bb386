package loomgate.server.it;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Very many connections that want nothing good, kept by one thread: one that the server ends is opened anew. They come
/// one after the other, not in waves, of which the cost is that of connecting and not of being there.
final class Crowd implements AutoCloseable {

    /// What one of the crowd does.
    ///
    /// @param atOnce  sent when it has connected
    /// @param dripped sent a byte a second after that, and nothing more at its end
    record Part(SocketAddress address, byte[] atOnce, byte[] dripped) {

        static Part silent(SocketAddress address) {
            return of(address, "", "");
        }

        static Part of(SocketAddress address, String atOnce, String dripped) {
            return new Part(address, atOnce.getBytes(StandardCharsets.ISO_8859_1),
                    dripped.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    private static final long DRIP_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long CONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(1); // between two
    private static final long LONGEST_LAG = TimeUnit.MILLISECONDS.toNanos(20); // that is made up for
    private static final int DRIPS_AT_ONCE = 50; // members between two looks for what has happened

    private final Selector selector;
    private final List<Member> members = new ArrayList<>();
    private final ArrayDeque<Member> ended = new ArrayDeque<>();
    private final ByteBuffer unread = ByteBuffer.allocateDirect(64 * 1024);
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger endings = new AtomicInteger();
    private final Thread thread;
    private volatile boolean isOver;

    private static final class Member {
        final Part part;
        SocketChannel channel;
        int dripped;

        Member(Part part) {
            this.part = part;
        }
    }

    private Crowd(Selector selector, List<Part> parts) {
        this.selector = selector;
        parts.forEach(part -> members.add(new Member(part)));
        ended.addAll(members);
        this.thread = Thread.ofPlatform().daemon().name("crowd").start(this::run);
    }

    /// Gathers a crowd of as many as there are parts.
    static Crowd gather(List<Part> parts) throws IOException {
        return new Crowd(Selector.open(), parts);
    }

    /// A listener that a part can be about.
    static SocketAddress port(int port) {
        return new InetSocketAddress("127.0.0.1", port);
    }

    static SocketAddress path(Path path) {
        return UnixDomainSocketAddress.of(path);
    }

    /// Connections that are open.
    int open() {
        return open.get();
    }

    /// Connections that the server has ended until now.
    int endings() {
        return endings.get();
    }

    private void run() {
        long nextConnect = System.nanoTime();
        long nextDrip = nextConnect;
        int nextToDrip = 0;
        try {
            while (!isOver) {
                selector.select(this::hear, 10);
                while (!ended.isEmpty() && System.nanoTime() - nextConnect >= 0) {
                    connect(ended.remove());
                    nextConnect = Math.max(nextConnect, System.nanoTime() - LONGEST_LAG) + CONNECT_NANOS;
                }
                for (int i = 0; i < DRIPS_AT_ONCE && System.nanoTime() - nextDrip >= 0; i++) {
                    drip(members.get(nextToDrip));
                    nextToDrip = (nextToDrip + 1) % members.size();
                    nextDrip += DRIP_NANOS / members.size();
                }
            }
        } catch (IOException | ClosedSelectorException e) {
            throw new IllegalStateException(e);
        }
    }

    private void connect(Member member) throws IOException {
        member.dripped = 0;
        try {
            member.channel = SocketChannel.open(member.part.address()); // waits while the listener's queue is full
            member.channel.write(ByteBuffer.wrap(member.part.atOnce()));
            member.channel.configureBlocking(false);
            member.channel.register(selector, SelectionKey.OP_READ, member);
            open.incrementAndGet();
        } catch (IOException _) {
            member.channel.close();
            ended.add(member);
        }
    }

    private void hear(SelectionKey key) {
        Member member = (Member) key.attachment();
        try {
            if (member.channel.read(unread.clear()) >= 0) {
                return;
            }
        } catch (IOException _) {
            // a reset is an end as well
        }
        endings.incrementAndGet();
        end(member);
    }

    private void end(Member member) {
        open.decrementAndGet();
        try {
            member.channel.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        ended.add(member);
    }

    private void drip(Member member) {
        byte[] text = member.part.dripped();
        if (member.dripped < text.length && member.channel != null && member.channel.isOpen()) {
            try {
                member.channel.write(ByteBuffer.wrap(text, member.dripped++, 1));
            } catch (IOException _) {
                // its end will be heard
            }
        }
    }

    @Override
    public void close() throws IOException {
        isOver = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        for (Member member : members) {
            if (member.channel != null) {
                member.channel.close();
            }
        }
        selector.close();
    }
}
