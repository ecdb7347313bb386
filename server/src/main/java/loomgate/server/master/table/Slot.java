package loomgate.server.master.table;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import loomgate.server.control.EndCause;

/// The processes of one worker number: at most one that serves, at most one that starts, and any number on their way
/// out.
public final class Slot {

    private final int worker;
    private final List<WorkerLife> lives = new ArrayList<>(); // that are not reaped, the oldest first
    private int shortLives; // and failed starts, in a row
    private boolean isRetired;
    private long spawnFrom; // the next process is not started before

    Slot(int worker, long now) {
        this.worker = worker;
        this.spawnFrom = now;
    }

    public int worker() {
        return worker;
    }

    public List<WorkerLife> lives() {
        return List.copyOf(lives);
    }

    void add(WorkerLife life) {
        lives.add(life);
    }

    void remove(WorkerLife life) {
        lives.remove(life);
    }

    /// The process that serves, until another takes its place.
    Optional<WorkerLife> incumbent() {
        return lives.stream().filter(WorkerLife::isServing).findFirst();
    }

    boolean isStarting() {
        return lives.stream().anyMatch(WorkerLife::isStarting);
    }

    boolean isDraining() {
        return lives.stream().anyMatch(WorkerLife::isDraining);
    }

    boolean isVacant() {
        return !isRetired && lives.stream().noneMatch(WorkerLife::holdsPlace);
    }

    /// There is to be no worker of this number any more.
    void retire() {
        isRetired = true;
    }

    /// There is to be one after all.
    void reinstate() {
        isRetired = false;
    }

    boolean isRetired() {
        return isRetired;
    }

    long spawnFrom() {
        return spawnFrom;
    }

    /// The process that served is gone, unasked. Returns how long the next has to wait.
    Duration lost(WorkerLife life, long now) {
        forgetAfterLongLife(life, now);
        return startFailed(now);
    }

    /// Returns how long the next has to wait.
    Duration startFailed(long now) {
        Duration delay = BackOff.after(++shortLives);
        spawnFrom = now + delay.toNanos();
        return delay;
    }

    /// A worker that has to be replaced as soon as it serves is one that keeps dying, unless somebody wanted it so.
    /// Returns how long the next has to wait for that.
    Duration unfit(WorkerLife life, EndCause cause, long now) {
        forgetAfterLongLife(life, now);
        boolean isWished = cause == EndCause.TERMINATED || cause == EndCause.RELOAD || cause == EndCause.LIFETIME;
        return !isWished && isShort(life, now) ? startFailed(now) : Duration.ZERO;
    }

    private void forgetAfterLongLife(WorkerLife life, long now) {
        if (!isShort(life, now)) {
            shortLives = 0;
        }
    }

    private static boolean isShort(WorkerLife life, long now) {
        return life.served(now).compareTo(BackOff.SHORT_LIFE) < 0;
    }
}
