package loomgate.server.master;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import loomgate.server.control.ExitCode;
import loomgate.server.os.Descriptor;
import loomgate.server.os.FileModes;
import loomgate.server.os.Privileges;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file that says which process the server is. It is there as a whole or not at all, and is never another server's.
///
/// @param file     as it was written
/// @param previous what had to be said about the one that it replaced
record PidFile(OwnFile file, Optional<String> previous) {

    private static final Logger LOG = LoggerFactory.getLogger(PidFile.class);
    private static final String OWN_JAR = Path.of(System.getProperty("java.class.path").split(File.pathSeparator)[0])
            .toAbsolutePath().getFileName().toString();
    private static final int MODE = 0644;
    private static final int LARGEST = 64; // bytes; what is larger was never a pid file

    /// Writes it.
    ///
    /// @param owner whom the file is to belong to
    /// @throws StartException if it is a living server's, or cannot be written
    static PidFile write(Path path, Optional<Privileges.Identity> owner) throws StartException {
        try {
            Descriptor lock = Descriptor.lockedDirectory(path.getParent().toString()); // two that start at once
            try {
                Optional<String> previous = replaceable(path);
                return new PidFile(replace(path, owner), previous);
            } finally {
                lock.close();
            }
        } catch (IOException e) {
            throw new StartException(
                    ExitCode.CONFIGURATION_WRONG, "pidfile = " + path + " cannot be written: " + why(e));
        }
    }

    /// What is there may be replaced; tells what it is.
    private static Optional<String> replaceable(Path path) throws StartException, IOException {
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        if (!Files.isRegularFile(path) || Files.size(path) > LARGEST) {
            throw new StartException(ExitCode.CONFIGURATION_WRONG, "pidfile = " + path
                    + ": there is something of that name which is no pid file; it was left as it is");
        }
        String content = content(path);
        if (!content.matches("[0-9]{1,9}")) {
            return Optional.of("the pid file " + path + " had no pid in it and was replaced");
        }
        long pid = Long.parseLong(content);
        if (isServer(pid)) {
            throw new StartException(ExitCode.CANNOT_LISTEN, "pidfile = " + path
                    + ": it is that of a running server, process " + pid + "; stop that or choose another file");
        }
        return Optional.of("the pid file " + path + " was left over from process " + pid + " and was replaced");
    }

    private static OwnFile replace(Path path, Optional<Privileges.Identity> owner) throws IOException {
        Path temporary = path.resolveSibling("." + path.getFileName() + "." + ProcessHandle.current().pid());
        Files.deleteIfExists(temporary);
        Descriptor file = FileModes.creatingWith(MODE, () -> Descriptor.creating(temporary.toString(), MODE));
        boolean isComplete = false;
        try {
            file.write((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII));
            if (owner.isPresent()) {
                file.chown(owner.get().uid(), owner.get().gid());
            }
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            OwnFile own = OwnFile.heldBy(file, path);
            isComplete = true;
            return own;
        } finally {
            if (!isComplete) {
                file.close();
                Files.deleteIfExists(temporary);
            }
        }
    }

    /// Removes it if it is still there and still says what was written; where this user may not, it is emptied, so that
    /// nobody takes another process for the server.
    void remove() {
        try {
            if (!isUnchanged()) {
                LOG.warn("vacuum: {} is no longer this server's and was left as it is", file.path());
                return;
            }
            if (file.remove() == OwnFile.Fate.REMOVED) {
                LOG.info("vacuum: {} removed", file.path());
            }
        } catch (NoSuchFileException _) {
            LOG.info("vacuum: {} is gone already", file.path());
        } catch (IOException e) {
            LOG.warn("vacuum: {} could not be removed and was emptied: {}", file.path(), Vacuum.why(e, file));
            empty();
        }
    }

    private boolean isUnchanged() throws IOException {
        return file.isThere() && content(file.path()).equals(Long.toString(ProcessHandle.current().pid()));
    }

    private void empty() {
        try {
            file.hold().truncate();
        } catch (IOException e) {
            LOG.warn("vacuum: {} could not be emptied: {}", file.path(), e.getMessage());
        }
    }

    private static String content(Path path) throws IOException {
        return new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1).strip();
    }

    private static String why(IOException e) {
        return e instanceof AccessDeniedException ? "no permission" : e.getMessage();
    }

    /// Whether a process is a server of Loomgate's, another than this. Numbers are given again: that a process is there
    /// does not mean that it is the one that wrote the file.
    static boolean isServer(long pid) throws IOException {
        if (pid == ProcessHandle.current().pid()) {
            return false; // a container's first process has the same number every time
        }
        try {
            return isServer(List.of(Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1)
                    .split("\0")));
        } catch (IOException e) {
            if (Files.exists(Path.of("/proc/" + pid))) {
                throw e;
            }
            return false; // there is no such process
        }
    }

    /// By the command line: `java … -jar loomgate.jar …`, or the main class.
    static boolean isServer(List<String> command) {
        int jar = command.indexOf("-jar") + 1;
        if (jar > 0 && jar < command.size()) {
            String name = Path.of(command.get(jar)).getFileName().toString();
            return name.equals(OWN_JAR) || name.matches("loomgate.*\\.jar");
        }
        return WorkerProgram.isServer(command);
    }
}
