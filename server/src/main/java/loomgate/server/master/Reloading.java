package loomgate.server.master;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import loomgate.server.config.ConfigException;
import loomgate.server.config.Configuration;
import loomgate.server.control.ExitCode;
import loomgate.server.master.MasterEvent.ForTable;
import loomgate.server.master.MasterEvent.ReloadRefused;
import loomgate.server.master.table.TableEvent.ReloadPrepared;
import loomgate.server.master.table.TableSettings;
import loomgate.server.systemd.ServiceManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The master's side of a reload: one at a time, and who asks meanwhile waits for one more. Belongs to the master's
/// thread; what takes long, reading and copying, has a thread of its own.
final class Reloading {

    private static final Logger LOG = LoggerFactory.getLogger(Reloading.class);

    private final Callable<Configuration> reading;
    private final Generations generations;
    private final ServiceManager manager;
    private final Supplier<Duration> longestStep;
    private final Consumer<MasterEvent> events;
    private List<Requester> current = List.of();
    private final List<Requester> waiting = new ArrayList<>();
    private boolean isBusy;
    private Optional<Thread> preparation = Optional.empty(); // the last there was
    private Configuration configuration; // of the current generation

    /// @param reading     reads the configuration anew
    /// @param manager     is told how it goes
    /// @param longestStep what may lie between two signs of progress, as it is now
    /// @param events      gets what came of the preparation
    Reloading(Configuration configuration, Callable<Configuration> reading, Generations generations,
            ServiceManager manager, Supplier<Duration> longestStep, Consumer<MasterEvent> events) {
        this.configuration = configuration;
        this.reading = reading;
        this.generations = generations;
        this.manager = manager;
        this.longestStep = longestStep;
        this.events = events;
    }

    void request(Requester observer) {
        waiting.add(observer);
        if (isBusy) {
            observer.progress("a reload is under way; another follows it");
        } else {
            next();
        }
    }

    /// Whether one is under way.
    boolean isBusy() {
        return isBusy;
    }

    private void next() {
        isBusy = true;
        current = List.copyOf(waiting);
        waiting.clear();
        LOG.info("reload: the configuration is read again");
        manager.reloadBegins(longestStep.get());
        Configuration before = configuration;
        preparation = Optional.of(Thread.ofPlatform().name("reload").daemon().start(() -> prepare(before)));
    }

    /// Waits until a preparation that is under way has ended, or for so long: what it makes it takes away itself, if
    /// the server stops.
    void awaitPreparation(Duration most) throws InterruptedException {
        if (preparation.isPresent()) {
            preparation.get().join(most);
        }
    }

    private void prepare(Configuration before) {
        try {
            Configuration changed = reading.call();
            changed.warnings().forEach(LOG::warn);
            for (String name : changed.restartNeededAfter(before)) {
                LOG.warn("reload: {} has changed, which takes a restart to have an effect", name);
            }
            Generation generation = generations.prepare(changed);
            events.accept(new ForTable(new ReloadPrepared(generation.number(), TableSettings.of(changed))));
        } catch (ConfigException e) {
            events.accept(new ReloadRefused(ExitCode.CONFIGURATION_WRONG, String.join("\n", e.problems())));
        } catch (StartException e) {
            events.accept(new ReloadRefused(e.code(), e.getMessage()));
        } catch (IOException e) {
            events.accept(new ReloadRefused(ExitCode.INTERNAL_ERROR, e.getMessage()));
        } catch (Exception | Error e) {
            LOG.error("this is a fault of Loomgate's own; the master goes on", e);
            events.accept(new ReloadRefused(ExitCode.INTERNAL_ERROR, e.toString()));
        }
    }

    void progress(String text) {
        LOG.info("reload: {}", text);
        manager.reloadProgress(text, longestStep.get());
        current.forEach(observer -> observer.progress(text));
    }

    /// The new generation is the current one.
    void committed(Configuration changed) {
        configuration = changed;
    }

    void ended(ExitCode code, String text) {
        if (code == ExitCode.STOPPED) {
            LOG.info("reload: {}", text);
        } else {
            LOG.error("reload failed: {}", text);
        }
        manager.reloadEnded(code == ExitCode.STOPPED, text);
        current.forEach(observer -> observer.ended(code, text));
        current = List.of();
        isBusy = false;
        if (!waiting.isEmpty()) {
            next();
        }
    }
}
