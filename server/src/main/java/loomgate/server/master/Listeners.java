package loomgate.server.master;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import loomgate.server.config.ListenerSettings;
import loomgate.server.control.ExitCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The listeners of all generations. Each is opened once, whoever else comes to have it, and closed once: when nobody
/// has it any more, or when the server stops. Afterwards its number may be that of anything.
final class Listeners {

    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    /// As [ListenerOpening#openAll] does it.
    interface Opening {
        List<OpenListener> openAll(List<ListenerSettings> settings, Duration socketTimeout)
                throws StartException, IOException;
    }

    private final boolean vacuum;
    private final Opening opening;
    private final List<OpenListener> held = new ArrayList<>(); // each as often as there are generations that have it
    private boolean isClosed; // all of them are

    /// @param vacuum whether the files of listeners that go are to go as well
    Listeners(boolean vacuum) {
        this(vacuum, (settings, socketTimeout) -> ListenerOpening.openAll(settings, socketTimeout, Optional.empty()));
    }

    Listeners(boolean vacuum, Opening opening) {
        this.vacuum = vacuum;
        this.opening = opening;
    }

    /// Those that somebody has, each once.
    synchronized List<OpenListener> all() {
        return held.stream().distinct().toList();
    }

    /// Somebody has them who has opened them himself, or has had them from before.
    synchronized void hold(List<OpenListener> open) {
        held.addAll(open);
    }

    /// What somebody is to have from now on: those that are open, and the others opened; or an exception, and nothing
    /// has happened. Opening may take long, and keeps nobody else waiting: what was found is held meanwhile.
    ///
    /// @return in the order of the settings
    List<OpenListener> take(List<ListenerSettings> wanted, Duration socketTimeout) throws StartException, IOException {
        List<OpenListener> found = holdOpen(wanted);
        boolean isComplete = false;
        try {
            List<OpenListener> all = openRest(wanted, found, socketTimeout);
            isComplete = true;
            return all;
        } finally {
            if (!isComplete) {
                letGo(found);
            }
        }
    }

    private synchronized List<OpenListener> holdOpen(List<ListenerSettings> wanted) throws StartException {
        requireNotClosed();
        List<OpenListener> found = matching(wanted, all());
        held.addAll(found);
        return found;
    }

    private List<OpenListener> openRest(List<ListenerSettings> wanted, List<OpenListener> found, Duration socketTimeout)
            throws StartException, IOException {
        List<OpenListener> opened = opening.openAll(missing(wanted, found), socketTimeout);
        boolean isComplete = false;
        try {
            List<OpenListener> both = new ArrayList<>(found);
            both.addAll(opened);
            List<OpenListener> all = matching(wanted, both);
            holdOpened(opened);
            isComplete = true;
            return all;
        } finally {
            if (!isComplete) {
                ListenerOpening.discardAll(opened);
            }
        }
    }

    private synchronized void holdOpened(List<OpenListener> opened) throws StartException {
        requireNotClosed();
        for (OpenListener one : opened) {
            requireOneProtocol(one);
        }
        held.addAll(opened);
    }

    private void requireNotClosed() throws StartException {
        if (isClosed) {
            throw new StartException(ExitCode.WORKERS_DIE, "the server stops");
        }
    }

    /// What the server binds itself it cannot bind twice; of a passed socket, old and new workers would take each
    /// other's connections.
    private void requireOneProtocol(OpenListener opened) throws StartException {
        if (held.stream().anyMatch(other -> other.socket().equals(opened.socket())
                && other.settings().kind() != opened.settings().kind())) {
            throw new StartException(ExitCode.CONFIGURATION_WRONG, opened.address()
                    + " is to speak another protocol, which takes a restart, or another address");
        }
    }

    /// One for each of the settings for which there is one, and none for two of them: those whose ports the kernel
    /// chose look the same.
    private static List<OpenListener> matching(List<ListenerSettings> wanted, List<OpenListener> open) {
        List<OpenListener> left = new ArrayList<>(open);
        List<OpenListener> matching = new ArrayList<>();
        for (ListenerSettings one : wanted) {
            left.stream().filter(listener -> listener.isFor(one)).findFirst().ifPresent(listener -> {
                left.remove(listener);
                matching.add(listener);
            });
        }
        return matching;
    }

    private static List<ListenerSettings> missing(List<ListenerSettings> wanted, List<OpenListener> found) {
        List<ListenerSettings> missing = new ArrayList<>(wanted);
        for (OpenListener listener : found) {
            missing.remove(missing.stream().filter(listener::isFor).findFirst().orElseThrow());
        }
        return missing;
    }

    /// Somebody has them no longer.
    synchronized void letGo(List<OpenListener> listeners) {
        for (OpenListener listener : listeners) {
            held.remove(listener);
            if (!held.contains(listener)) {
                giveUp(listener);
            }
        }
    }

    private void giveUp(OpenListener listener) {
        if (!isClosed) {
            close(listener);
        }
        if (vacuum) {
            Vacuum.run(List.of(listener), Optional.empty());
        }
        listener.file().ifPresent(Listeners::letGo);
        LOG.info("no longer listening on {}", listener.address());
    }

    private static void letGo(OwnFile file) {
        try {
            file.letGo();
        } catch (IOException e) {
            LOG.error("{} could not be let go of: {}", file.path(), e.getMessage());
        }
    }

    /// The server stops: refuses connections on all listeners, and closes them. Their files stay, and none is opened
    /// any more.
    synchronized void closeAll() {
        if (!isClosed) {
            all().forEach(Listeners::close);
            isClosed = true;
        }
    }

    private static void close(OpenListener listener) {
        try {
            listener.refuseAndClose();
        } catch (IOException e) {
            LOG.error("{} could not be closed: {}", listener.address(), e.getMessage());
        }
    }
}
