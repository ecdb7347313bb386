package loomgate.server.master;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import loomgate.server.command.Identity;
import loomgate.server.config.ListenerSettings;
import loomgate.server.control.Version;
import loomgate.server.control.Vitals;
import loomgate.server.master.table.MasterPhase.Ended;
import loomgate.server.master.table.MasterPhase.Ending;
import loomgate.server.master.table.MasterPhase.FirstStart;
import loomgate.server.master.table.MasterPhase.Leaving;
import loomgate.server.master.table.MasterPhase.Running;
import loomgate.server.master.table.Slot;
import loomgate.server.master.table.WorkerEnd;
import loomgate.server.master.table.WorkerLife;
import loomgate.server.master.table.WorkerState;
import loomgate.server.master.table.WorkerTable;

/// What `loomgate status` prints: the master, its listeners, each worker's processes, and how the last of them ended.
record StatusText(Identity identity, Instant startedAt, List<OpenListener> listeners, WorkerTable table) {

    private static final int MOST_ENDS = 10;
    private static final long MEGABYTE = 1024 * 1024;
    private static final String ROW = "%6s %8s %4s  %-10s %14s %12s %8s  %s";

    /// @param now by the clock that the table has
    String at(Instant time, long now) {
        StringBuilder text = new StringBuilder();
        line(text, "master pid " + identity.pid() + ", for " + rounded(Duration.between(startedAt, time))
                + ending(now));
        line(text, "  " + Version.text());
        for (Path file : identity.files()) {
            line(text, "  " + file);
        }
        for (OpenListener listener : listeners) {
            boolean isUwsgi = listener.settings().kind() == ListenerSettings.Kind.UWSGI;
            line(text, "  listening for " + (isUwsgi ? "uwsgi" : "http") + " on " + listener.address());
        }
        line(text, "");
        line(text, ROW.formatted("worker", "pid", "gen", "state", "age", "requests", "rss", "").stripTrailing());
        table.slotsInUse().forEach(slot -> describe(slot, text, now));
        List<WorkerEnd> ends = table.ends();
        if (!ends.isEmpty()) {
            line(text, "");
            line(text, "last ends:");
            ends.subList(Math.max(0, ends.size() - MOST_ENDS), ends.size()).forEach(end ->
                    line(text, "  " + end.at().truncatedTo(ChronoUnit.SECONDS) + " " + end));
        }
        return text.toString().stripTrailing();
    }

    private String ending(long now) {
        return switch (table.phase()) {
            case FirstStart _, Running _ -> "";
            case Leaving _ -> ", stopping in " + rounded(table.shutdownDelay(now).plusMillis(999));
            case Ending _, Ended _ -> ", stopping";
        };
    }

    private static void describe(Slot slot, StringBuilder text, long now) {
        List<WorkerLife> lives = slot.lives();
        if (lives.isEmpty()) {
            line(text, ROW.formatted(slot.worker(), "-", "-", "no process", "", "", "", "").stripTrailing());
        }
        for (WorkerLife life : lives) {
            Vitals vitals = life.vitals();
            boolean isKnown = !vitals.equals(Vitals.UNKNOWN);
            line(text, ROW.formatted(slot.worker(), life.pid(), life.generation(), state(life), rounded(life.age(now)),
                    isKnown ? vitals.requests() : "-", isKnown ? vitals.resident() / MEGABYTE + " MB" : "-",
                    life.isBlamed() ? "because of " + life.reason() : "").stripTrailing());
        }
    }

    private static String state(WorkerLife life) {
        return switch (life.state()) {
            case WorkerState.Starting _ -> "starting";
            case WorkerState.Overdue _ -> "overdue";
            case WorkerState.Serving _ -> "serving";
            case WorkerState.Unfit _ -> "unfit";
            case WorkerState.Draining _ -> "draining";
            case WorkerState.Stopping _ -> "stopping";
            case WorkerState.Killed _ -> "killed";
        };
    }

    /// In its two largest units.
    private static String rounded(Duration time) {
        if (time.toDays() > 0) {
            return time.toDays() + " d " + time.toHoursPart() + " h";
        }
        if (time.toHours() > 0) {
            return time.toHours() + " h " + time.toMinutesPart() + " min";
        }
        return time.toMinutes() > 0
                ? time.toMinutes() + " min " + time.toSecondsPart() + " s" : time.toSeconds() + " s";
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append('\n');
    }
}
