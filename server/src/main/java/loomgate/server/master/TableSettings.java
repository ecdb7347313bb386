package loomgate.server.master;

import java.time.Duration;
import loomgate.server.config.MasterSettings;
import loomgate.server.config.RecyclingSettings;

/// What of the configuration the [WorkerTable] goes by.
record TableSettings(int processes, Duration reloadMercy, Duration shutdownDelay, Duration startTimeout,
        RecyclingSettings recycling) {

    static TableSettings of(MasterSettings settings) {
        return new TableSettings(settings.processes(), settings.reloadMercy(), settings.shutdownDelay(),
                settings.startTimeout(), settings.recycling());
    }
}
