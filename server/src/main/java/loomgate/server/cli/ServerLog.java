package loomgate.server.cli;

import loomgate.server.log.LineStream;
import loomgate.server.log.LogWriter;

/// How slf4j-simple writes the server's log. By system properties, because a `simplelogger.properties` on the class
/// path may be the application's.
final class ServerLog {

    private ServerLog() {}

    /// To be called before the first logger is made. What the operator set with `-D` stays.
    static void configure() {
        set("showDateTime", "true");
        set("dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
        set("showThreadName", "false");
        set("showLogName", "false");
    }

    /// The log of a worker, which nobody waits for. To be called before the first logger is made.
    static LogWriter ofWorker() {
        LogWriter log = LogWriter.toStandardError();
        System.setErr(LineStream.printingTo(log, ""));
        set("cacheOutputStream", "true"); // what the application sets later is the application's
        return log;
    }

    private static void set(String name, String value) {
        String property = "org.slf4j.simpleLogger." + name; // the jar's relocation changes the name here and there alike
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
