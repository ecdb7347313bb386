package loomgate.api;

import java.util.Map;

/// What the server tells an application about the place it runs in. A handler whose constructor takes one is given it.
///
/// **Threads.** Safe for use by any thread. **Lifetime.** As long as the worker process.
public interface AppContext {

    /// The variables of the INI: every key that is no option and every `set-ph = key=value`, placeholders replaced.
    /// Unmodifiable.
    Map<String, String> variables();

    /// The number of this worker, from 1 to `processes`. A replacement has its predecessor's number; while both live,
    /// it stands for two processes.
    int worker();

    /// The generation of the application: 1 at the start, one more with each reload.
    int generation();

    /// Whether this worker has stopped to take connections and is finishing its last requests. Never goes back to
    /// false.
    boolean isDraining();
}
