package loomgate.server.master;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A generation's own copy of its class path. A deployment may overwrite the jars at any time: workers that run, and
/// those that are started in their place, go on with what they began with.
///
/// @param folder the copy of all
/// @param paths  of the copies, in the order of the originals
record PinnedClassPath(Path folder, List<Path> paths) {

    private static final Logger LOG = LoggerFactory.getLogger(PinnedClassPath.class);
    private static final String PREFIX = "loomgate-";

    /// Copies files and directories.
    static PinnedClassPath of(int generation, List<Path> originals) throws IOException {
        Path parent = Path.of(System.getProperty("java.io.tmpdir")).resolve(PREFIX + ProcessHandle.current().pid());
        Files.createDirectories(parent, PosixFilePermissions.asFileAttribute(
                PosixFilePermissions.fromString("rwx------")));
        if (!Files.getOwner(parent, LinkOption.NOFOLLOW_LINKS).equals(owner())) {
            throw new IOException(parent + " is another user's");
        }
        Path folder = created(parent, "generation-" + generation);
        PinnedClassPath pinned = new PinnedClassPath(folder, new ArrayList<>());
        boolean isComplete = false;
        try {
            for (Path original : originals) {
                Path copy = folder.resolve(pinned.paths.size() + "-" + original.getFileName());
                copy(original, copy);
                pinned.paths.add(copy);
            }
            isComplete = true;
            return pinned;
        } catch (IOException e) {
            throw new IOException("the class path cannot be copied to " + folder + ": " + e, e);
        } finally {
            if (!isComplete) {
                pinned.delete();
            }
        }
    }

    /// A folder of that name, unless there is one: workers may still use what a master has left that had this process's
    /// number.
    private static Path created(Path parent, String name) throws IOException {
        for (int other = 2;; other++) {
            try {
                return Files.createDirectory(parent.resolve(name));
            } catch (FileAlreadyExistsException _) {
                name = name.replaceFirst("(-other-\\d+)?$", "-other-" + other);
            }
        }
    }

    private static UserPrincipal owner() throws IOException {
        return Files.getOwner(Path.of("/proc/self"));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                            throws IOException {
                        Files.createDirectory(to.resolve(from.relativize(directory)));
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                        if (attributes.isRegularFile()) {
                            Path copy = file.equals(from) ? to : to.resolve(from.relativize(file));
                            Files.copy(file, copy);
                            // by which a JVM may go that has an AotCache
                            Files.setLastModifiedTime(copy, attributes.lastModifiedTime());
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    /// Removes the copies, and what was made for them, unless that was done.
    void delete() {
        if (Files.notExists(folder)) {
            return;
        }
        delete(folder);
        try (DirectoryStream<Path> others = Files.newDirectoryStream(folder.getParent())) {
            if (!others.iterator().hasNext()) {
                Files.delete(folder.getParent());
            }
        } catch (IOException e) {
            LOG.debug("{} is left behind", folder.getParent(), e);
        }
    }

    /// Removes the copies of masters that were killed, once the workers that they had are through. To be called before
    /// this process has made any: what is there under its number is another's, as in a container, where the master's is
    /// the same every time.
    static void deleteAbandoned() {
        Path all = Path.of(System.getProperty("java.io.tmpdir"));
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(all, PREFIX + "[0-9]*")) {
            for (Path folder : folders) {
                if (isAbandoned(folder)) {
                    delete(folder);
                }
            }
        } catch (IOException e) {
            LOG.debug("copies of class paths may be left behind in {}", all, e);
        }
    }

    private static boolean isAbandoned(Path folder) {
        String pid = folder.getFileName().toString().substring(PREFIX.length());
        try {
            return pid.matches("[0-9]{1,9}") && isNoOther(Long.parseLong(pid))
                    && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(owner())
                    && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) && !isUsed(folder);
        } catch (IOException e) {
            LOG.debug("{} is left as it is", folder, e);
            return false;
        }
    }

    private static boolean isNoOther(long pid) {
        return pid == ProcessHandle.current().pid() || ProcessHandle.of(pid).isEmpty();
    }

    /// Whether there is a process with something in the folder on its command line: its class path.
    private static boolean isUsed(Path folder) {
        String beginning = folder + "/";
        Charset ofNames = Charset.forName(System.getProperty("sun.jnu.encoding"));
        return ProcessHandle.allProcesses().anyMatch(process -> {
            try {
                byte[] command = Files.readAllBytes(Path.of("/proc/" + process.pid() + "/cmdline"));
                return new String(command, ofNames).contains(beginning);
            } catch (IOException _) {
                return false; // it is gone
            }
        });
    }

    /// Two masters that start at once may do so with the same.
    private static void delete(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                    if (failure instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw failure;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            LOG.warn("{} is left behind: {}", folder, e.toString());
        }
    }
}
