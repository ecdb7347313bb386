package loomgate.server.worker.harakiri;

import java.time.Duration;

/// Decides what is due for a request, from its stage and the time that it has spent alone. All times are nanoseconds,
/// by its [RequestClock].
///
/// @param slow  time from which on it is reported, 0 for never
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
    /// @param limit the time after which it is overdue, [#UNLIMITED] for none
    Step due(Stage stage, long spent, long limit) {
        return switch (stage) {
            case Stage.Running() -> spent >= limit ? Step.END : slow > 0 && spent >= slow ? Step.REPORT : Step.NONE;
            case Stage.Slow() -> spent >= limit ? Step.END : Step.NONE;
            case Stage.Overdue(long since) -> spent - since >= grace ? Step.GIVE_UP : Step.NONE;
            case Stage.Stuck() -> Step.NONE;
        };
    }
}
