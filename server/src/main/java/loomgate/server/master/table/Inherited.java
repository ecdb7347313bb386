package loomgate.server.master.table;

import java.time.Duration;
import loomgate.server.control.Vitals;
import loomgate.server.control.WorkerLabel;

/// What a table knows of a process, for the table of another program that goes on for this one.
///
/// @param age    since it was spawned
/// @param served since it was ready
public record Inherited(WorkerLabel label, Stage stage, Duration age, Duration served, Vitals vitals) {

    /// What a worker is doing, as far as it matters to the heir.
    public enum Stage {
        STARTING,
        SERVING,
        LEAVING;

        static Stage of(WorkerState state) {
            return switch (state) {
                case WorkerState.Starting _ -> STARTING;
                case WorkerState.Serving _, WorkerState.Unfit _ -> SERVING;
                case WorkerState.Overdue _, WorkerState.Draining _, WorkerState.Stopping _, WorkerState.Killed _ ->
                    LEAVING;
            };
        }
    }

    public static Inherited of(WorkerLife life, long now) {
        return new Inherited(life.label(), Stage.of(life.state()), life.age(now), life.served(now), life.vitals());
    }
}
