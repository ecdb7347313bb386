package loomgate.server.master;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import loomgate.server.os.Descriptor;
import loomgate.server.os.OsException;

/// A file that this server has made, and which it removes only as long as it is the same one.
///
/// @param device of the file system
/// @param inode  the file's number there
/// @param hold   keeps the file in being, so that no other one gets its number
record OwnFile(Path path, long device, long inode, Descriptor hold) {

    /// What has become of it.
    enum Fate {
        REMOVED,
        GONE,
        REPLACED
    }

    /// The file that has just been made at this path.
    static OwnFile at(Path path) throws IOException {
        Descriptor hold = Descriptor.holding(path.toString());
        boolean isComplete = false;
        try {
            OwnFile own = heldBy(hold, path);
            isComplete = true;
            return own;
        } finally {
            if (!isComplete) {
                hold.close();
            }
        }
    }

    /// The same of which a descriptor is open, which is closed at the end.
    static OwnFile heldBy(Descriptor hold, Path path) throws IOException {
        Map<String, Object> identity = identity(path);
        return new OwnFile(path, (long) identity.get("dev"), (long) identity.get("ino"), hold);
    }

    /// Removes it, if it is still there. Others that make files in the same directory wait meanwhile.
    ///
    /// @throws IOException if this user may not
    Fate remove() throws IOException {
        Descriptor lock = lockIfPossible();
        try {
            if (!isThere()) {
                return Fate.REPLACED;
            }
            Files.delete(path);
            return Fate.REMOVED;
        } catch (NoSuchFileException _) {
            return Fate.GONE;
        } finally {
            if (lock != null) {
                lock.close();
            }
        }
    }

    /// Whether the path still leads to it.
    boolean isThere() throws IOException {
        Map<String, Object> now = identity(path);
        return now.get("dev").equals(device) && now.get("ino").equals(inode);
    }

    /// To be called when it is given up.
    void letGo() throws IOException {
        hold.close();
    }

    private Descriptor lockIfPossible() {
        try {
            return Descriptor.lockedDirectory(path.getParent().toString());
        } catch (OsException _) {
            return null; // a directory that this user may change but not read
        }
    }

    private static Map<String, Object> identity(Path path) throws IOException {
        return Files.readAttributes(path, "unix:dev,ino", LinkOption.NOFOLLOW_LINKS);
    }
}
