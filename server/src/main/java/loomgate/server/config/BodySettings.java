package loomgate.server.config;

import static loomgate.server.config.option.Option.option;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import loomgate.server.config.option.Chapter;
import loomgate.server.config.option.Given;
import loomgate.server.config.option.Option;
import loomgate.server.config.option.Values;

/// How large the bodies of requests may be, and where they are kept.
///
/// @param largest      bytes of a body, 0 for any number
/// @param inFileFrom   bytes from which a body is kept in a file, 0 if bodies are not read ahead of the application
/// @param folder       of those files; empty for the JVM's temporary directory
public record BodySettings(long largest, long inFileFrom, Optional<Path> folder) {

    static final Option<Long> LIMIT_POST = option("limit-post", Values.amount("BYTES", "bytes", 1))
            .in(Chapter.REQUESTS).standard(0L)
            .summary("The most bytes of a request's body; 0 is any number.")
            .prose("""
                    More is answered with 413: before any of the body is read where its length is announced, else when \
                    it gets there. A handler that reads such a body gets an `IOException`.""")
            .uwsgi("uWSGI closes the connection without an answer.")
            .declared();

    /// What a Java array can have, since a body below the threshold is in one.
    private static final long MOST_IN_MEMORY = Integer.MAX_VALUE - 8; // bytes

    static final Option<Long> POST_BUFFERING = option("post-buffering",
            Values.amount("BYTES", "bytes", 1, MOST_IN_MEMORY))
            .in(Chapter.REQUESTS).standard(0L)
            .summary("Reads the body before the application is called; from this size on into a file.")
            .prose("""
                    A body of that size or more goes to a file without a name in `post-buffering-dir`. 0 leaves \
                    the reading to the application. What a client takes to send its body does not count for \
                    `harakiri` then. Name a `limit-post` with it, or a single body may fill the disk.""")
            .declared();

    static final Option<Path> POST_BUFFERING_DIR = option("post-buffering-dir", Values.pathFromChdir("DIR"))
            .in(Chapter.REQUESTS)
            .summary("Where the files of post-buffering are.")
            .prose("""
                    The default is the JVM's temporary directory, `/tmp`. The files have mode 600 and lose their name \
                    as soon as they are open, so that nothing is left of them, whatever happens. Where there is no \
                    room for one, its request is answered with 503. Relative to `chdir`.""")
            .uwsgi("uWSGI takes the variable `TMPDIR` of the environment.")
            .declared();

    static final List<Option<?>> OPTIONS = List.of(LIMIT_POST, POST_BUFFERING, POST_BUFFERING_DIR);

    static BodySettings from(Given given) {
        long inFileFrom = POST_BUFFERING.in(given);
        if (inFileFrom > 0 && !given.has(LIMIT_POST)) {
            given.problems().warn(given.counting(POST_BUFFERING).getLast().entry().at(),
                    "post-buffering without limit-post: a body may fill the disk of post-buffering-dir; say limit-post"
                            + " = BYTES, or 0 if that is meant");
        }
        return new BodySettings(LIMIT_POST.in(given), inFileFrom, POST_BUFFERING_DIR.ifIn(given));
    }

    /// Reports a folder that does not exist. Only to be asked while somebody is there to correct it: one that vanishes
    /// later must not keep a worker from starting.
    static void requireFolder(Given given) {
        POST_BUFFERING_DIR.ifIn(given).filter(folder -> !Files.isDirectory(folder)).ifPresent(folder ->
                given.problems().error(given.counting(POST_BUFFERING_DIR).getLast().entry().value().start(),
                        "post-buffering-dir: " + folder + " is no directory; create it for the server's user"));
    }
}
