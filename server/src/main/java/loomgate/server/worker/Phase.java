package loomgate.server.worker;

import java.time.Duration;
import java.util.Optional;

/// Where a worker is in its life, as far as its requests are concerned.
sealed interface Phase {

    /// Connections are taken.
    record Serving() implements Phase {
        @Override
        public Optional<Duration> timeLeft() {
            return Optional.empty();
        }
    }

    /// No more connections; requests have until then, a reading of [System#nanoTime()].
    record Draining(long untilNanos) implements Phase {
        @Override
        public Optional<Duration> timeLeft() {
            return Optional.of(Duration.ofNanos(Math.max(0, untilNanos - System.nanoTime())));
        }
    }

    default boolean isDraining() {
        return this instanceof Draining;
    }

    /// How long the worker still waits for requests; empty while there is no limit.
    Optional<Duration> timeLeft();

    /// The phase of the process, seen by all of its threads.
    final class Current {

        private volatile Phase phase = new Serving();

        Phase get() {
            return phase;
        }

        void drainUntil(long untilNanos) {
            phase = new Draining(untilNanos);
        }
    }
}
