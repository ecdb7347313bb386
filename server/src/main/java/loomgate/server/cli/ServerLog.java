package loomgate.server.cli;

import java.io.PrintStream;
import java.time.Clock;
import java.util.stream.Stream;
import loomgate.server.log.LineStream;
import loomgate.server.log.LogWriter;
import loomgate.server.log.TimedMessages;
import org.slf4j.LoggerFactory;

/// How slf4j-simple writes the server's log. By system properties, because a `simplelogger.properties` on the class
/// path may be the application's.
final class ServerLog {

    private ServerLog() {}

    /// To standard error. To be called before the first logger is made. What the operator set with `-D` stays.
    static void configure() {
        configure(System.err);
    }

    /// The log of a worker, which nobody waits for. To be called before the first logger is made.
    static LogWriter ofWorker() {
        LogWriter log = LogWriter.toStandardError();
        PrintStream lines = LineStream.printingTo(log, "");
        System.setErr(lines);
        configure(lines);
        return log;
    }

    private static void configure(PrintStream to) {
        set("showThreadName", "false");
        set("showLogName", "false");
        set("cacheOutputStream", "true"); // what others set later, or print, is theirs
        if (Stream.of("showDateTime", "dateTimeFormat", "logFile").anyMatch(name -> property(name) != null)) {
            set("showDateTime", "true"); // by slf4j-simple's own means
            set("dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
            return;
        }
        PrintStream before = System.err;
        System.setErr(new TimedMessages(to, Clock.systemDefaultZone()));
        LoggerFactory.getILoggerFactory(); // which takes the stream
        System.setErr(before);
    }

    private static void set(String name, String value) {
        if (property(name) == null) {
            System.setProperty(key(name), value);
        }
    }

    private static String property(String name) {
        return System.getProperty(key(name));
    }

    private static String key(String name) {
        return "org.slf4j.simpleLogger." + name; // the jar's relocation changes the name here and there alike
    }
}
