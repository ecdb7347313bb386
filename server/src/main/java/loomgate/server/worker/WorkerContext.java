package loomgate.server.worker;

import java.util.Map;
import loomgate.api.AppContext;

/// What the application is told about its worker.
record WorkerContext(Map<String, String> variables, int worker, int generation, Phase.Current phase)
        implements AppContext {

    @Override
    public boolean isDraining() {
        return phase.get().isDraining();
    }
}
