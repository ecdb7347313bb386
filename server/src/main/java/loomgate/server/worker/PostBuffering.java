package loomgate.server.worker;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/// Reads bodies before the application is called (`post-buffering`): in memory below the threshold, from there on in a
/// file that has no name.
///
/// @param threshold bytes, 0 for leaving the reading to the application
record PostBuffering(long threshold) {

    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final int BLOCK = 16 * 1024; // bytes

    /// A body could not be kept.
    static final class NoRoom extends IOException {

        private static final long serialVersionUID = 1L;

        NoRoom(IOException cause) {
            super("post-buffering: the request's body cannot be kept: " + cause, cause);
        }
    }

    /// What the application reads; to be closed when the request has ended.
    ///
    /// @param length of the body, -1 while only its end will tell
    /// @throws NoRoom      there was no memory to keep it in but a file, and that failed
    /// @throws IOException it could not be read
    InputStream readWhole(InputStream body, long length) throws IOException {
        if (threshold == 0 || length == 0) {
            return body;
        }
        if (length >= threshold) {
            return intoFile(new byte[0], body);
        }
        byte[] beginning = body.readNBytes((int) Math.min(Integer.MAX_VALUE - 8, length < 0 ? threshold : length));
        return beginning.length < threshold ? new ByteArrayInputStream(beginning) : intoFile(beginning, body);
    }

    private static InputStream intoFile(byte[] beginning, InputStream body) throws IOException {
        FileChannel file = open();
        boolean isComplete = false;
        try {
            write(file, beginning, beginning.length);
            byte[] block = new byte[BLOCK];
            for (int count = body.read(block); count >= 0; count = body.read(block)) {
                write(file, block, count);
            }
            file.position(0);
            isComplete = true;
            return Channels.newInputStream(file);
        } finally {
            if (!isComplete) {
                file.close();
            }
        }
    }

    private static FileChannel open() throws NoRoom {
        try {
            Path path = Files.createTempFile("loomgate-body", "", PRIVATE);
            return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE); // on Linux it has no name from here on
        } catch (IOException e) {
            throw new NoRoom(e);
        }
    }

    private static void write(FileChannel file, byte[] bytes, int count) throws NoRoom {
        try {
            OutputStream out = Channels.newOutputStream(file);
            out.write(bytes, 0, count);
        } catch (IOException e) {
            throw new NoRoom(e);
        }
    }
}
