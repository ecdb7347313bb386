package loomgate.server.it.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import loomgate.api.AppContext;
import loomgate.api.Handler;
import loomgate.api.Request;
import loomgate.api.Response;

/// Requests that do not end, or end more than themselves.
public final class UnrulyApplication implements Handler {

    private static final List<byte[]> KEPT = new ArrayList<>();
    private static volatile long counter;

    private final AppContext context;
    private final ReentrantLock lock = new ReentrantLock();
    private final Object monitor = new Object();
    private final AtomicInteger running = new AtomicInteger();

    public UnrulyApplication(AppContext context) {
        this.context = context;
    }

    @Override
    public Response handle(Request request) throws Exception {
        running.incrementAndGet();
        try {
            return answer(request).withHeader("X-Worker", context.worker() + ":" + ProcessHandle.current().pid());
        } finally {
            running.decrementAndGet();
        }
    }

    private Response answer(Request request) throws Exception {
        return switch (request.path()) {
            case "/hello" -> Response.text("hello\n");
            case "/running" -> Response.text(running.get() + "\n");
            case "/sleep" -> sleep(request);
            case "/dead-socket" -> readDeadSocket();
            case "/hold-lock" -> holdLock();
            case "/hold-monitor" -> holdMonitor();
            case "/busy" -> busy();
            case "/busy-until-interrupted" -> busyUntilInterrupted();
            case "/compute" -> compute(request);
            case "/stubborn" -> stubborn(request);
            case "/drip" -> drip(request);
            case "/body" -> Response.text(request.body().readAllBytes().length + "\n");
            case "/time-left" -> Response.text(request.timeLeft().map(Duration::toMillis).orElse(-1L) + "\n");
            case "/extend" -> extend(request);
            case "/leak" -> leak(request);
            case "/garbage" -> garbage(request);
            case "/big" -> Response.bytes("text/plain", filled(request));
            case "/allocate" -> allocate();
            case "/recurse" -> Response.text(recurse(1) + "\n");
            case "/exit" -> exit(request);
            case "/print" -> print(request);
            case "/halt" -> halt(request);
            case "/thread" -> Response.text((Thread.currentThread().isVirtual() ? "virtual" : "platform") + "\n");
            default -> Response.of(404);
        };
    }

    private static Response sleep(Request request) throws InterruptedException {
        Thread.sleep(number(request, "ms"));
        return Response.text("slept\n");
    }

    private static Response readDeadSocket() throws IOException {
        try (ServerSocket nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket socket = new Socket(nobody.getInetAddress(), nobody.getLocalPort())) {
            return Response.text(socket.getInputStream().read() + "\n");
        }
    }

    private Response holdLock() throws InterruptedException {
        lock.lock();
        try {
            Thread.sleep(60_000);
            return Response.text("held\n");
        } finally {
            lock.unlock();
        }
    }

    /// The first holds it and cannot be interrupted, the others wait for it, and cannot be interrupted either.
    private Response holdMonitor() {
        synchronized (monitor) {
            busy();
            return Response.text("held\n");
        }
    }

    private static Response busy() {
        long sum = 0;
        while (sum != -1) {
            sum += counter & 1;
        }
        return Response.text(sum + "\n");
    }

    private static Response busyUntilInterrupted() throws InterruptedException {
        while (!Thread.currentThread().isInterrupted()) {
            counter++;
        }
        throw new InterruptedException("as asked");
    }

    private static Response compute(Request request) throws Exception {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(number(request, "ms"));
        while (System.nanoTime() - until < 0) {
            counter++;
        }
        return Response.text("computed\n");
    }

    /// Ends when it is ready to, whoever interrupts it. It sleeps all the time, so that nobody finds it running.
    private static Response stubborn(Request request) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(number(request, "ms"));
        while (System.nanoTime() - until < 0) {
            try {
                Thread.sleep(Duration.ofNanos(until - System.nanoTime()));
            } catch (InterruptedException _) {
                // on purpose
            }
        }
        return Response.text("stubborn\n");
    }

    private static Response drip(Request request) {
        long ms = number(request, "ms");
        return Response.stream("text/plain", 1000, out -> {
            for (int i = 0; i < 1000; i++) {
                out.write('.');
                out.flush();
                Thread.sleep(ms);
            }
        });
    }

    private static Response extend(Request request) throws InterruptedException {
        request.extendTimeLeft(Duration.ofMillis(number(request, "by")));
        Thread.sleep(number(request, "ms"));
        return Response.text("extended\n");
    }

    private static Response leak(Request request) {
        byte[] kept = filled(request);
        synchronized (KEPT) {
            KEPT.add(kept);
            return Response.text(KEPT.size() + "\n");
        }
    }

    private static Response garbage(Request request) {
        return Response.text(filled(request).length + "\n");
    }

    private static byte[] filled(Request request) {
        byte[] bytes = new byte[(int) number(request, "kb") * 1024];
        for (int i = 0; i < bytes.length; i += 1024) {
            bytes[i] = 1;
        }
        return bytes;
    }

    private static Response allocate() {
        List<byte[]> all = new ArrayList<>();
        while (true) {
            all.add(new byte[1024 * 1024]);
        }
    }

    private static int recurse(int depth) {
        return recurse(depth + 1) + 1;
    }

    private static Response exit(Request request) {
        System.exit((int) number(request, "status"));
        return Response.text("not reached\n");
    }

    private static Response print(Request request) {
        System.out.println("out " + request.parameter("text").orElseThrow());
        System.err.println("err " + request.parameter("text").orElseThrow());
        return Response.of(204);
    }

    private static Response halt(Request request) {
        Runtime.getRuntime().halt((int) number(request, "status"));
        return Response.text("not reached\n");
    }

    private static long number(Request request, String name) {
        return Long.parseLong(request.parameter(name).orElseThrow());
    }
}
