package loomgate.server.worker.harakiri;

import java.time.Duration;

/// Decides what is due for a request, from its stage and its age alone. All ages are nanoseconds since it began.
///
/// @param slow  age from which it is reported, 0 for never
/// @param grace how long it may go on when it is overdue
record TimeLimits(long slow, long grace) {

    /// What is to be done about a request.
    enum Step {
        NONE,
        REPORT,
        END,
        GIVE_UP
    }

    static final long UNLIMITED = Long.MAX_VALUE;

    static TimeLimits of(Duration slow, Duration grace) {
        return new TimeLimits(slow.toNanos(), grace.toNanos());
    }

    /// The last step that is due: a request that became overdue between two looks is not reported as slow as well.
    ///
    /// @param limit the age at which it is overdue, [#UNLIMITED] for none
    Step due(Stage stage, long age, long limit) {
        return switch (stage) {
            case Stage.Running() -> age >= limit ? Step.END : slow > 0 && age >= slow ? Step.REPORT : Step.NONE;
            case Stage.Slow() -> age >= limit ? Step.END : Step.NONE;
            case Stage.Overdue(long atAge) -> age - atAge >= grace ? Step.GIVE_UP : Step.NONE;
            case Stage.Stuck() -> Step.NONE;
        };
    }
}
