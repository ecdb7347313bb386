package loomgate.server.master;

import java.util.List;
import loomgate.server.config.Configuration;

/// One loading of the application: all that its workers are started with.
///
/// @param classPath copies that nobody else changes, deleted when the generation's last worker is gone
record Generation(int number, Configuration configuration, WorkerProgram program, List<OpenListener> listeners,
        PinnedClassPath classPath) {

    Generation {
        listeners = List.copyOf(listeners);
    }
}
