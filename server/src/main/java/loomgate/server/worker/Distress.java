package loomgate.server.worker;

import java.util.function.BiConsumer;
import loomgate.server.control.EndCause;
import loomgate.server.worker.harakiri.Harakiri;
import loomgate.server.worker.harakiri.RunningRequest;

/// Notices what a worker should not survive for long, although its threads do: memory that ran out can have left
/// anything half done.
final class Distress {

    private final BiConsumer<EndCause, String> replaceWorker;

    /// @param replaceWorker is told why, and which request or thread it was
    Distress(BiConsumer<EndCause, String> replaceWorker) {
        this.replaceWorker = replaceWorker;
    }

    /// Has the worker replaced if that is what went wrong with a request.
    void noticeIfFatal(Throwable failure, RunningRequest request) {
        if (isOutOfMemory(failure)) {
            replaceWorker.accept(EndCause.OUT_OF_MEMORY, Harakiri.described(request));
        }
    }

    /// The same of a thread that belongs to no request, or to one that is not known.
    void noticeIfFatal(Throwable failure, Thread thread) {
        if (isOutOfMemory(failure)) {
            replaceWorker.accept(EndCause.OUT_OF_MEMORY, "thread " + thread.getName());
        }
    }

    private static boolean isOutOfMemory(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof OutOfMemoryError) {
                return true;
            }
        }
        return false;
    }
}
