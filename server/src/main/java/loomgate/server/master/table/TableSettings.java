package loomgate.server.master.table;

import java.time.Duration;
import loomgate.server.config.Configuration;
import loomgate.server.config.MasterSettings;
import loomgate.server.config.RecyclingSettings;

/// What of a generation's configuration the [WorkerTable] goes by.
///
/// @param workerTimeout how long a worker may be silent from when it is ready; zero for any time
public record TableSettings(int processes, Duration reloadMercy, Duration shutdownDelay, Duration startTimeout,
        Duration workerTimeout, RecyclingSettings recycling) {

    public static TableSettings of(Configuration configuration) {
        MasterSettings settings = configuration.master();
        return new TableSettings(settings.processes(), settings.reloadMercy(), settings.shutdownDelay(),
                settings.startTimeout(), configuration.worker().workerTimeout(), settings.recycling());
    }

    /// What a stop may take, from when workers are asked to end.
    Duration longestStop() {
        return reloadMercy.plus(WorkerTable.EXIT_MARGIN);
    }
}
