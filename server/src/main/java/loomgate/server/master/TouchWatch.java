package loomgate.server.master;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Notices that a file was touched, by its time of modification.
final class TouchWatch {

    private static final Logger LOG = LoggerFactory.getLogger(TouchWatch.class);
    private static final long INTERVAL_MILLIS = 1_000;

    private final Map<Path, Optional<FileTime>> seen = new HashMap<>();
    private final Runnable touched;

    /// @param touched called on the watch's thread, once for all files that were touched together
    TouchWatch(List<Path> files, Runnable touched) {
        files.forEach(file -> seen.put(file, timeOf(file)));
        this.touched = touched;
    }

    void start() {
        if (!seen.isEmpty()) {
            Thread.ofPlatform().name("touch").daemon().start(this::watch);
        }
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(INTERVAL_MILLIS);
                look();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody should interrupt this", e);
        }
    }

    /// A file that has gone was not touched; when it comes back, it was.
    void look() {
        boolean isTouched = false;
        for (Map.Entry<Path, Optional<FileTime>> file : seen.entrySet()) {
            Optional<FileTime> time = timeOf(file.getKey());
            if (time.isPresent() && !time.equals(file.getValue())) {
                LOG.info("{} was touched", file.getKey());
                isTouched = true;
            }
            file.setValue(time);
        }
        if (isTouched) {
            touched.run();
        }
    }

    private static Optional<FileTime> timeOf(Path file) {
        try {
            return Optional.of(Files.getLastModifiedTime(file));
        } catch (IOException _) {
            return Optional.empty(); // it does not exist, or is not to be seen
        }
    }
}
