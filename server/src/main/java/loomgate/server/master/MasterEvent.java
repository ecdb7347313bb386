package loomgate.server.master;

import java.util.function.Consumer;
import loomgate.server.control.ExitCode;
import loomgate.server.master.table.TableEvent;
import loomgate.server.master.table.WorkerTable;
import loomgate.server.os.Descriptor;

/// Something that happened to the master.
sealed interface MasterEvent {

    /// The table has to take note of it. Of the others none changes by itself what becomes of a worker.
    record ForTable(TableEvent event) implements MasterEvent {}

    /// A child has ended and is to be reaped.
    record ChildEnded(int pid) implements MasterEvent {}

    /// HUP arrived, or somebody asked for a reload by other means.
    record ReloadRequested(Requester observer) implements MasterEvent {}

    /// Somebody asks for the installed program to take this one's place.
    ///
    /// @param client another number for the connection to who asks
    record UpgradeRequested(Requester requester, Descriptor client) implements MasterEvent {}

    /// A new generation cannot even be tried.
    record ReloadRefused(ExitCode code, String problem) implements MasterEvent {}

    /// USR1 arrived, or somebody asked by other means: the log's file is to be opened anew.
    record LogReopenRequested(Requester requester) implements MasterEvent {}

    /// Somebody asks for something that only the thread which has the table may look up, or do.
    record Asked(Consumer<WorkerTable> question) implements MasterEvent {}
}
