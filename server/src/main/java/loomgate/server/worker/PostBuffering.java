package loomgate.server.worker;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import loomgate.server.config.BodySettings;

/// Reads bodies before the application is called (`post-buffering`): in memory below the threshold, from there on in a
/// file that has no name.
///
/// @param threshold bytes, no more than an array can have; 0 for leaving the reading to the application
/// @param folder    of the files
/// @param places    for files that are open at once
record PostBuffering(long threshold, Path folder, Semaphore places) {

    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    /// On Linux, to be deleted when it is closed is to be deleted as soon as it is open.
    private static final Set<OpenOption> NAMELESS = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ,
            StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);

    private static final int BLOCK = 16 * 1024; // bytes

    /// A body could not be kept.
    static final class NoRoom extends IOException {

        private static final long serialVersionUID = 1L;

        NoRoom(Path folder, IOException cause) {
            super("the request's body cannot be kept in post-buffering-dir = " + folder + ": " + reason(cause), cause);
        }

        /// Exceptions of the file system tell the path first, which here is a name that nobody knows.
        private static String reason(IOException cause) {
            return switch (cause) {
                case NoSuchFileException _ -> "there is no such folder";
                case AccessDeniedException _ -> "permission denied";
                case FileSystemException failure when failure.getReason() != null -> failure.getReason();
                default -> cause.getMessage();
            };
        }
    }

    /// As the operator has chosen.
    ///
    /// @param most files that may be open at once
    static PostBuffering of(BodySettings settings, int most) {
        return new PostBuffering(settings.inFileFrom(),
                settings.folder().orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir"))), new Semaphore(most));
    }

    /// Tries whether there is a place for files, if they are wanted.
    ///
    /// @throws NoRoom there is none now, which may change
    void tryOut() throws NoRoom {
        if (threshold > 0) {
            try {
                open().close();
            } catch (NoRoom e) {
                throw e;
            } catch (IOException e) {
                throw new NoRoom(folder, e);
            }
        }
    }

    /// What the application reads; to be closed when the request has ended.
    ///
    /// @param length of the body, -1 while only its end will tell
    /// @throws NoRoom      there was no memory to keep it in but a file, and that failed
    /// @throws IOException it could not be read
    /// @throws InterruptedException somebody wanted an end of it while it went into a file
    InputStream readWhole(InputStream body, long length) throws IOException, InterruptedException {
        if (threshold == 0 || length == 0) {
            return body;
        }
        if (length >= threshold) {
            return intoFile(new byte[0], body);
        }
        byte[] beginning = body.readNBytes((int) (length < 0 ? threshold : length));
        return beginning.length < threshold ? new ByteArrayInputStream(beginning) : intoFile(beginning, body);
    }

    private InputStream intoFile(byte[] beginning, InputStream body) throws IOException, InterruptedException {
        if (!places.tryAcquire()) {
            throw new NoRoom(folder, new IOException("as many others are there as open files are allowed for"));
        }
        boolean isOpen = false;
        try {
            InputStream kept = intoFile(open(), beginning, body);
            isOpen = true;
            return new FilterInputStream(kept) {
                private boolean isClosed;

                @Override
                public synchronized void close() throws IOException {
                    if (!isClosed) {
                        isClosed = true;
                        places.release();
                        super.close();
                    }
                }
            };
        } finally {
            if (!isOpen) {
                places.release();
            }
        }
    }

    private InputStream intoFile(FileChannel file, byte[] beginning, InputStream body)
            throws IOException, InterruptedException {
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
        } catch (ClosedByInterruptException e) {
            throw interrupted(e);
        } finally {
            if (!isComplete) {
                file.close();
            }
        }
    }

    /// A file that was not there before, nobody else may open, and that has no name any more.
    private FileChannel open() throws NoRoom {
        try {
            return FileChannel.open(folder.resolve("loomgate-body-" + UUID.randomUUID()), NAMELESS, PRIVATE);
        } catch (IOException e) {
            throw new NoRoom(folder, e);
        }
    }

    private static InterruptedException interrupted(ClosedByInterruptException e) {
        Thread.interrupted();
        InterruptedException interrupted = new InterruptedException("while a body went into its file");
        interrupted.initCause(e);
        return interrupted;
    }

    private void write(FileChannel file, byte[] bytes, int count) throws NoRoom, ClosedByInterruptException {
        ByteBuffer left = ByteBuffer.wrap(bytes, 0, count);
        try {
            while (left.hasRemaining()) {
                file.write(left);
            }
        } catch (ClosedByInterruptException e) {
            throw e; // no fault of the disk
        } catch (IOException e) {
            throw new NoRoom(folder, e);
        }
    }
}
