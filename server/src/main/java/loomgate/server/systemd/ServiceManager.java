package loomgate.server.systemd;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import loomgate.server.os.UnixDatagrams;

/// Who started the server and wants to know how it is: systemd, or nobody. Called on the master's thread; never waits,
/// and never fails.
public interface ServiceManager {

    /// What systemd tells a service in its environment. It is the master's alone: a worker, or what an application
    /// starts, is not to speak for the server, nor to take its sockets.
    Set<String> VARIABLES = Set.of("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
            "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "LISTEN_PIDFDID");

    /// Nobody asks.
    ServiceManager NOBODY = new ServiceManager() {};

    /// The one that the environment of the process with that pid names.
    static ServiceManager of(Map<String, String> environment, long pid) {
        String address = environment.getOrDefault("NOTIFY_SOCKET", "");
        return address.isEmpty() ? NOBODY : new Systemd(new UnixDatagrams(address)::send, pid,
                Systemd.pingInterval(environment, pid), System::nanoTime);
    }

    /// The first worker is started. Afterwards, [#turned] tells when it serves.
    ///
    /// @param longestStep what may lie between two signs of progress
    default void starting(Duration longestStep) {}

    /// Another program goes on for this one at once, which takes a moment.
    default void handingOver() {}

    /// This program goes on for another, which had said that it is ready. Instead of [#starting].
    default void resumed() {}

    /// The master's loop has come around once more. To be called twice a second at least; that is what the watchdog
    /// goes by.
    default void turned(int servingWorkers, int generation) {}

    /// @param longestStep what may lie between two signs of progress, by what is known now
    default void reloadBegins(Duration longestStep) {}

    /// @param longestStep likewise; the new generation may take longer than the old one
    default void reloadProgress(String text, Duration longestStep) {}

    default void reloadEnded(boolean isGood, String text) {}

    /// It is about to stop, and serves on for a while before.
    ///
    /// @param delay   how long
    /// @param longest what the stop may take then
    default void leaving(Duration delay, Duration longest) {}

    /// It stops.
    ///
    /// @param longest what it may take
    default void stopping(Duration longest) {}
}
