package loomgate.server.os;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A [Process] that was started with chosen descriptors, which [ProcessBuilder] cannot.
public final class SpawnedProcess extends Process {

    private final int pid;
    private final ProcessHandle handle;
    private final CompletableFuture<ExitStatus> status = new CompletableFuture<>();

    private SpawnedProcess(int pid) {
        this.pid = pid;
        this.handle = ProcessHandle.of(pid).orElseThrow(); // it is not reaped yet
        Thread.ofPlatform().daemon().start(() -> {
            try {
                status.complete(Processes.reap(pid));
            } catch (OsException e) {
                status.completeExceptionally(e);
            }
        });
    }

    public static SpawnedProcess start(Program program) throws OsException {
        return new SpawnedProcess(Processes.spawn(program));
    }

    @Override
    public int waitFor() throws InterruptedException {
        try {
            return number(status.get());
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /// At once; what [Process] has for this looks every 100 ms.
    @Override
    public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
        try {
            status.get(timeout, unit);
            return true;
        } catch (TimeoutException _) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int exitValue() {
        if (!status.isDone()) {
            throw new IllegalThreadStateException("it runs");
        }
        return number(status.join());
    }

    private static int number(ExitStatus status) {
        return switch (status) {
            case ExitStatus.Exited(int code) -> code;
            case ExitStatus.Killed(int signal) -> 128 + signal;
        };
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public ProcessHandle toHandle() {
        return handle;
    }

    @Override
    public void destroy() {
        handle.destroy();
    }

    @Override
    public Process destroyForcibly() {
        handle.destroyForcibly();
        return this;
    }

    @Override
    public OutputStream getOutputStream() {
        return OutputStream.nullOutputStream();
    }

    @Override
    public InputStream getInputStream() {
        return InputStream.nullInputStream();
    }

    @Override
    public InputStream getErrorStream() {
        return InputStream.nullInputStream();
    }
}
