package loomgate.api;

/// Answers requests: the one interface that an application implements.
///
/// {@snippet class="HelloSnippetTest" region="handler"}
///
/// The INI's `module` option names the class (`module = pkg.Class`) or a static member that gives a handler
/// (`module = pkg.Class:member`). A named class has a public constructor without arguments or one that takes an
/// [AppContext]; each worker constructs it once, before it takes its first connection. If the handler is
/// [AutoCloseable] it is closed after the worker has finished its last request.
///
/// **Threads.** Called on one virtual thread per request, by many at the same time. Blocking is fine. A handler that
/// computes for long is declared [CpuBound].
@FunctionalInterface
public interface Handler {

    /// Answers one request.
    ///
    /// **Time.** After `harakiri` the client gets 504, and the thread is interrupted: the response does not count any
    /// more. A handler that ignores that costs its worker ([Request#extendTimeLeft] asks for time).
    ///
    /// **Errors.** If this throws, the client gets 500 and the log gets the exception: nothing has been sent yet when
    /// this method runs. A [BodyTooLargeException] that escapes becomes 413. The thread is interrupted when the server
    /// will wait for the answer no longer (see [Request#isCancelled()]); an [InterruptedException] may simply escape.
    ///
    /// @param request valid until the response has been sent; not to be kept
    /// @return the response, whose body is written after this method returned, on the same thread
    /// @throws Exception whatever went wrong; becomes a 500
    Response handle(Request request) throws Exception;
}
