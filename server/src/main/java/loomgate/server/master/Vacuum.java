package loomgate.server.master;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes away what this server has made in the file system, and nothing else.
final class Vacuum {

    private static final Logger LOG = LoggerFactory.getLogger(Vacuum.class);

    private Vacuum() {}

    /// Says at the start what cannot be done at the end.
    static void warnOfWhatWillStay(List<OpenListener> listeners, Optional<PidFile> pidFile) {
        Set<Path> directories = new TreeSet<>();
        listeners.forEach(listener -> listener.file().ifPresent(file -> directories.add(file.path().getParent())));
        pidFile.ifPresent(written -> directories.add(written.file().path().getParent()));
        for (Path directory : directories) {
            if (!Files.isWritable(directory)) {
                LOG.warn("vacuum: this user may not remove files from {}; what is left there at the end is replaced at"
                        + " the next start", directory);
            }
        }
    }

    /// Removes sockets and pid file.
    static void run(List<OpenListener> listeners, Optional<PidFile> pidFile) {
        pidFile.ifPresent(PidFile::remove); // before the sockets: who reads it then finds no server that is half gone
        listeners.forEach(listener -> listener.file().ifPresent(Vacuum::remove));
    }

    private static void remove(OwnFile socket) {
        try {
            switch (socket.remove()) {
                case REMOVED -> LOG.info("vacuum: {} removed", socket.path());
                case GONE -> LOG.info("vacuum: {} is gone already", socket.path());
                case REPLACED -> LOG.warn("vacuum: {} is no longer this server's and was left as it is", socket.path());
            }
        } catch (IOException e) {
            LOG.warn("vacuum: {} could not be removed, the next start replaces it: {}", socket.path(), why(e, socket));
        }
    }

    static String why(IOException e, OwnFile file) {
        if (e instanceof AccessDeniedException || e instanceof FileSystemException failure
                && failure.getReason() != null && failure.getReason().contains("not permitted")) {
            return "this user may not remove files from " + file.path().getParent();
        }
        return e.getMessage();
    }
}
