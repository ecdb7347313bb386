package loomgate.server.worker;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import loomgate.api.CpuBound;
import loomgate.server.net.PeerGone;

/// On which threads handlers run, and write what they answer.
sealed interface HandlerThreads {

    /// One request's work.
    interface Work {
        void run() throws PeerGone, ResponseCut;
    }

    /// Returns when the work has ended, with what it threw.
    void run(Work work) throws PeerGone, ResponseCut;

    /// Those that the application asks for, or the operator.
    static HandlerThreads of(Object application, boolean isCpuBound) {
        return isCpuBound || application.getClass().isAnnotationPresent(CpuBound.class)
                ? new OfTheSystem(Executors.newCachedThreadPool(
                        Thread.ofPlatform().daemon().name("handler-", 1).factory()))
                : new OfTheConnection();
    }

    /// The virtual thread of the connection.
    record OfTheConnection() implements HandlerThreads {
        @Override
        public void run(Work work) throws PeerGone, ResponseCut {
            work.run();
        }
    }

    /// Threads that the system gives their share of the cores, while the connection's waits.
    record OfTheSystem(ExecutorService threads) implements HandlerThreads {
        @Override
        public void run(Work work) throws PeerGone, ResponseCut {
            FutureTask<Void> task = new FutureTask<>(() -> {
                work.run();
                return null;
            });
            threads.execute(task);
            try {
                await(task);
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case PeerGone gone -> throw gone;
                    case ResponseCut cut -> throw cut;
                    case RuntimeException unchecked -> throw unchecked;
                    case Error error -> throw error;
                    default -> throw new IllegalStateException(
                            "a work that threw what it does not throw", e.getCause());
                }
            }
        }

        /// An interrupt of the connection's thread is the worker's last word: it is passed on to who works.
        private static void await(FutureTask<Void> task) throws ExecutionException {
            while (true) {
                try {
                    task.get();
                    return;
                } catch (InterruptedException _) {
                    // the request's own thread is interrupted as well, see Connection.interrupt
                }
            }
        }
    }
}
