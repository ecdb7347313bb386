package loomgate.server.status;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import loomgate.server.config.ListenAddress;
import loomgate.server.os.Adoption;
import loomgate.server.os.Descriptor;
import loomgate.server.os.OsException;
import loomgate.server.os.Sockets;

/// Answers `/live` and `/ready` from within the master, on threads of its own, with what [Health] says at that moment.
///
/// Nothing that a client does reaches the master's loop. Each connection is for one request and has a thread as soon as
/// it sends something, so that one client does not wait for another; a client that is too slow is cut off, and those
/// beyond the most that there may be are sent away.
public final class StatusServer implements Closeable {

    private static final String LIVE = "/live";
    private static final String READY = "/ready";
    private static final List<String> METHODS = List.of("GET", "HEAD");

    private static final int MOST_CONNECTIONS = 128;
    private static final int BACKLOG = 64;
    private static final int LONGEST_EXCHANGE = 2; // seconds, for the request and again for the answer
    private static final int LARGEST_HEAD = 16 * 1024; // bytes
    private static final int CLOCK_TICK_MS = 250; // how exactly these times are kept
    private static final long IDLE_THREAD_SECONDS = 10;

    static { // the JDK reads these once, when its first server is made; the master has no other
        System.setProperty("jdk.httpserver.maxConnections", "" + MOST_CONNECTIONS);
        System.setProperty("sun.net.httpserver.maxReqTime", "" + LONGEST_EXCHANGE);
        System.setProperty("sun.net.httpserver.maxRspTime", "" + LONGEST_EXCHANGE);
        System.setProperty("sun.net.httpserver.idleInterval", "" + LONGEST_EXCHANGE);
        System.setProperty("sun.net.httpserver.timerMillis", "" + CLOCK_TICK_MS);
        System.setProperty("sun.net.httpserver.clockTick", "" + CLOCK_TICK_MS);
        System.setProperty("sun.net.httpserver.maxReqHeaderSize", "" + LARGEST_HEAD);
    }

    private final HttpServer server;
    private final Descriptor listener;
    private final ListenAddress.Tcp address;

    private StatusServer(HttpServer server, Descriptor listener, ListenAddress.Tcp address) {
        this.server = server;
        this.listener = listener;
        this.address = address;
    }

    /// Binds the address. Clients can connect, and wait until [#start].
    public static StatusServer bind(ListenAddress.Tcp wanted) throws IOException {
        Descriptor listener = wanted.host().isEmpty() ? boundToAll(wanted.port()) : bound(wanted.host(), wanted.port());
        try {
            Sockets.listen(listener, BACKLOG);
            return over(listener, new ListenAddress.Tcp(wanted.host(), Sockets.localPort(listener)));
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    /// Of IPv6 and IPv4, or of IPv4 alone on a machine that has nothing else.
    private static Descriptor boundToAll(int port) throws IOException {
        try {
            return bound("::", port);
        } catch (OsException e) {
            if (e.errno() == OsException.EADDRINUSE) {
                throw e;
            }
            return bound("0.0.0.0", port);
        }
    }

    private static Descriptor bound(String host, int port) throws IOException {
        return Sockets.bindTcpForBoth(new InetSocketAddress(InetAddress.getByName(host), port));
    }

    /// Goes on where another program in this process has, which has left its [#listener()]. Clients wait until
    /// [#start].
    ///
    /// The JDK's server binds addresses, and takes no socket that is bound: so it is given one to throw away.
    public static StatusServer over(Descriptor listener, ListenAddress.Tcp address) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        try {
            listener.makeNonBlocking();
            Adoption.replace(server.getAddress(), listener);
            return new StatusServer(server, listener, address);
        } catch (IOException e) {
            server.start(); // one that never ran does not close what it has
            server.stop(0);
            throw e;
        }
    }

    /// Where clients wait to be answered.
    public Descriptor listener() {
        return listener;
    }

    /// Where it really is: with the port that the kernel chose.
    public ListenAddress.Tcp address() {
        return address;
    }

    /// Begins to answer. Once.
    public void start(Health health) {
        server.setExecutor(new ThreadPoolExecutor(0, MOST_CONNECTIONS, IDLE_THREAD_SECONDS, TimeUnit.SECONDS,
                new SynchronousQueue<>(), Thread.ofPlatform().name("status-", 1).daemon().factory()));
        server.createContext("/", exchange -> send(answer(exchange, health), exchange));
        server.start();
    }

    private record Answer(int status, String text) {}

    private static Answer answer(HttpExchange exchange, Health health) {
        String path = exchange.getRequestURI().getPath();
        if (!path.equals(LIVE) && !path.equals(READY)) {
            return new Answer(404, "there are " + LIVE + " and " + READY);
        }
        if (!METHODS.contains(exchange.getRequestMethod())) {
            return new Answer(405, "to be asked by " + String.join(" or ", METHODS));
        }
        return path.equals(LIVE) ? liveness(health) : readiness(health.readiness());
    }

    private static Answer liveness(Health health) {
        return health.isLive() ? new Answer(200, "live")
                : new Answer(503, "the master has done nothing for " + Health.LONGEST_SILENCE.toSeconds() + " s");
    }

    private static Answer readiness(Readiness readiness) {
        return new Answer(readiness == Readiness.READY ? 200 : 503, readiness.toString());
    }

    private static void send(Answer answer, HttpExchange exchange) throws IOException {
        byte[] body = (answer.text() + "\n").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.getResponseHeaders().set("Connection", "close");
        if (answer.status() == 405) {
            exchange.getResponseHeaders().set("Allow", String.join(", ", METHODS));
        }
        try (exchange) {
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(answer.status(), -1);
            } else {
                exchange.sendResponseHeaders(answer.status(), body.length);
                exchange.getResponseBody().write(body);
            }
        }
    }

    /// Refuses clients from now on.
    @Override
    public void close() {
        server.stop(0);
        try {
            listener.close();
        } catch (OsException e) {
            throw new IllegalStateException("somebody else has closed the listener of the status", e);
        }
    }
}
