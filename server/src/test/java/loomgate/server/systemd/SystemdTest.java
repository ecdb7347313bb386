package loomgate.server.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SystemdTest {

    private final List<String> sent = new ArrayList<>();
    private long now = TimeUnit.SECONDS.toNanos(100);

    @Test
    void readyIsToldWhenTheFirstWorkerServesAndOnce() {
        Systemd systemd = systemd(Duration.ZERO);
        systemd.starting(Duration.ofSeconds(60));
        systemd.turned(0, 1);
        systemd.turned(1, 1);
        systemd.turned(1, 1);
        systemd.turned(2, 1);
        assertEquals(List.of(
                "EXTEND_TIMEOUT_USEC=70000000\nSTATUS=the first worker starts",
                "READY=1\nMAINPID=4711\nSTATUS=1 worker serves generation 1",
                "STATUS=2 workers serve generation 1"), sent);
    }

    @Test
    void aReloadBeginsWithATimeAndEndsReady() {
        Systemd systemd = ready();
        systemd.reloadBegins(Duration.ZERO);
        systemd.turned(2, 1);
        systemd.reloadProgress("generation 2 is tried with one worker", Duration.ZERO);
        systemd.turned(2, 2);
        systemd.reloadEnded(true, "generation 2 serves with 2 workers");
        systemd.turned(2, 2);
        assertEquals(List.of(
                "RELOADING=1\nMONOTONIC_USEC=100000000\nEXTEND_TIMEOUT_USEC=10000000\n"
                        + "STATUS=reload: the configuration is read again",
                "EXTEND_TIMEOUT_USEC=10000000\nSTATUS=reload: generation 2 is tried with one worker",
                "READY=1\nSTATUS=reload: generation 2 serves with 2 workers",
                "STATUS=2 workers serve generation 2"), sent);
    }

    @Test
    void eachStepOfAReloadAsksForTheTimeThatTheNextMayTake() {
        Systemd systemd = ready();
        systemd.reloadBegins(Duration.ofSeconds(60));
        systemd.reloadProgress("generation 2 is tried with one worker", Duration.ofSeconds(300));
        systemd.reloadProgress("worker 1 of 2 serves generation 2", Duration.ofSeconds(20));
        assertEquals(List.of("EXTEND_TIMEOUT_USEC=70000000", "EXTEND_TIMEOUT_USEC=310000000",
                "EXTEND_TIMEOUT_USEC=30000000"), sent.stream().flatMap(String::lines)
                .filter(line -> line.startsWith("EXTEND_TIMEOUT_USEC=")).toList());
    }

    @Test
    void aReloadThatFailedIsReadyToo() {
        Systemd systemd = ready();
        systemd.reloadBegins(Duration.ZERO);
        systemd.reloadEnded(false, "app.ini:3: no such option\napp.ini:4: no such option\n");
        systemd.turned(2, 1);
        assertEquals("READY=1\nSTATUS=the last reload failed: app.ini:3: no such option; app.ini:4: no such option",
                sent.get(1));
        assertEquals("STATUS=2 workers serve generation 1; the last reload failed: app.ini:3: no such option;"
                + " app.ini:4: no such option", sent.get(2));
    }

    @Test
    void aReloadWithoutAWorkerThatServesIsNotToldAsReady() {
        Systemd systemd = systemd(Duration.ZERO);
        systemd.reloadBegins(Duration.ZERO);
        systemd.reloadProgress("generation 2 is tried with one worker", Duration.ZERO);
        systemd.reloadEnded(true, "generation 2 serves with 2 workers");
        assertEquals(List.of(), sent);
    }

    @Test
    void afterStoppingNothingIsReady() {
        Systemd systemd = ready();
        systemd.reloadBegins(Duration.ZERO);
        systemd.stopping(Duration.ofSeconds(62));
        systemd.reloadEnded(false, "the server stops");
        systemd.turned(0, 1);
        assertEquals("STOPPING=1\nEXTEND_TIMEOUT_USEC=72000000\nSTATUS=stopping: requests in flight are finished",
                sent.getLast());
    }

    @Test
    void theTimeInWhichItServesOnIsAskedForAsWell() {
        Systemd systemd = ready();
        systemd.leaving(Duration.ofMillis(2_500), Duration.ofSeconds(62));
        systemd.turned(2, 1);
        systemd.stopping(Duration.ofSeconds(62));
        assertEquals(List.of("STOPPING=1\nEXTEND_TIMEOUT_USEC=74500000\nSTATUS=stopping in 3 s: until then requests are"
                        + " served as before",
                "STOPPING=1\nEXTEND_TIMEOUT_USEC=72000000\nSTATUS=stopping: requests in flight are finished"), sent);
    }

    @Test
    void longTextsAreCut() {
        Systemd systemd = ready();
        systemd.reloadProgress("ä".repeat(10_000), Duration.ZERO);
        assertTrue(sent.getLast().length() < 600, sent.getLast());
        assertTrue(sent.getLast().endsWith("…"));
    }

    @Test
    void pingsComeInTimeAndNotAtEachTurn() {
        Systemd systemd = systemd(Duration.ofSeconds(5));
        for (int halfSecond = 0; halfSecond < 40; halfSecond++) {
            systemd.turned(1, 1);
            systemd.turned(1, 1);
            now += Duration.ofMillis(500).toNanos();
        }
        assertEquals(4, sent.stream().filter("WATCHDOG=1"::equals).count());
    }

    @Test
    void pingsGoOnWhileItStops() {
        Systemd systemd = systemd(Duration.ofSeconds(1));
        systemd.stopping(Duration.ZERO);
        sent.clear();
        now += Duration.ofSeconds(1).toNanos();
        systemd.turned(0, 1);
        assertEquals(List.of("WATCHDOG=1"), sent);
    }

    @Test
    void theWatchdogIsForTheProcessThatItNames() {
        assertEquals(Duration.ofSeconds(5), Systemd.pingInterval(Map.of("WATCHDOG_USEC", "10000000"), 4711));
        assertEquals(Duration.ofSeconds(5),
                Systemd.pingInterval(Map.of("WATCHDOG_USEC", "10000000", "WATCHDOG_PID", "4711"), 4711));
        assertEquals(Duration.ZERO,
                Systemd.pingInterval(Map.of("WATCHDOG_USEC", "10000000", "WATCHDOG_PID", "4712"), 4711));
        assertEquals(Duration.ZERO, Systemd.pingInterval(Map.of(), 4711));
        assertEquals(Duration.ZERO, Systemd.pingInterval(Map.of("WATCHDOG_USEC", "soon"), 4711));
    }

    @Test
    void whatCannotBeToldDisturbsNobody() {
        Systemd systemd = new Systemd(_ -> {
            throw new IOException("nobody is there");
        }, 4711, Duration.ofSeconds(1), () -> now);
        systemd.turned(1, 1);
        now += Duration.ofSeconds(1).toNanos();
        systemd.turned(2, 1);
        systemd.stopping(Duration.ZERO);
    }

    private Systemd systemd(Duration pingInterval) {
        return new Systemd(sent::add, 4711, pingInterval, () -> now);
    }

    private Systemd ready() {
        Systemd systemd = systemd(Duration.ZERO);
        systemd.turned(2, 1);
        sent.clear();
        return systemd;
    }
}
