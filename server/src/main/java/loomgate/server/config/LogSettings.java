package loomgate.server.config;

import static loomgate.server.config.option.Option.option;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import loomgate.server.config.option.Chapter;
import loomgate.server.config.option.Given;
import loomgate.server.config.option.Option;
import loomgate.server.config.option.Values;

/// What is logged, and where.
///
/// @param logto    the file, be it named by `logto` or by `daemonize`; standard error if there is none
/// @param touchReopen files whose change asks for the log to be opened anew
/// @param requests whether each request has a line
public record LogSettings(Optional<Path> logto, List<Path> touchReopen, boolean requests) {

    static final Option<Path> LOGTO = option("logto", Values.pathFromStart("FILE"))
            .in(Chapter.LOG).restartNeeded()
            .summary("Logs to this file, and no longer to standard error.")
            .prose("Lines are added to what is there.")
            .declared();

    static final Option<Boolean> DISABLE_LOGGING = option("disable-logging", Values.flag())
            .in(Chapter.LOG).letter('L').standard(false)
            .summary("Leaves out the line for each request.")
            .prose("Errors and everything else are logged nevertheless.")
            .declared();

    static final Option<Path> TOUCH_LOGREOPEN = option("touch-logreopen", Values.pathFromStart("FILE"))
            .in(Chapter.LOG).repeatable().restartNeeded()
            .summary("Opens the log's file anew when this file is touched: as USR1 does.")
            .prose("Looked at every second.")
            .declared();

    static final List<Option<?>> OPTIONS = List.of(LOGTO, TOUCH_LOGREOPEN, DISABLE_LOGGING);

    static LogSettings from(Given given) {
        Optional<Path> background = MasterSettings.DAEMONIZE.ifIn(given);
        if (background.isPresent() && given.has(LOGTO)) {
            given.problems().warn(given.counting(LOGTO).getLast().entry().at(),
                    "logto has no effect: the log is the file that daemonize names");
        }
        return new LogSettings(background.or(() -> LOGTO.ifIn(given)),
                TOUCH_LOGREOPEN.allIn(given), !DISABLE_LOGGING.in(given));
    }
}
