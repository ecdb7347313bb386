package loomgate.server.protocol;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/// A regular file that is open for reading, and what was known of it at that moment, its size for instance: however
/// the file changes afterwards, that many bytes are announced and no more are sent.
///
/// What the system says is believed: a file of `/proc` has size 0, and is an empty one.
///
/// @param attributes asked for by the path, right after the open. They are those of the file behind the channel, unless
///                   its path was given to another one and back again within that moment
record StoredFile(Path path, FileChannel channel, BasicFileAttributes attributes) implements Closeable {

    private static final int MOST_ATTEMPTS = 100; // each fails only if a file is replaced within microseconds

    /// @throws FileSystemException if there is none at the path, it may not be read or is of another kind
    static StoredFile open(Path path) throws IOException {
        for (int i = 0; i < MOST_ATTEMPTS; i++) {
            // first: the open of a pipe blocks, as it still does of one that comes now
            BasicFileAttributes before = regular(path);
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            try {
                BasicFileAttributes attributes = regular(path);
                if (Objects.equals(attributes.fileKey(), before.fileKey())) {
                    return new StoredFile(path, channel, attributes);
                }
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
            channel.close(); // a deployment has put another file in its place, which is as good
        }
        throw new FileSystemException(path.toString(), null, "is being replaced all the time");
    }

    private static BasicFileAttributes regular(Path path) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new FileSystemException(path.toString(), null, "not a regular file");
        }
        return attributes;
    }

    long size() {
        return attributes.size();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
