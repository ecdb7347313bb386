package loomgate.api;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Objects;

/// What a [Response] carries behind its head. Made by the factory methods of [Response].
public sealed interface Body {

    /// No body.
    record Empty() implements Body {}

    /// Bytes that are at hand.
    ///
    /// @param content not copied: the handler must not change it after it returned
    record Bytes(byte[] content) implements Body {
        public Bytes {
            Objects.requireNonNull(content, "content");
        }
    }

    /// The content of a regular file, as long as it is when the response begins. The server opens and closes it; if it
    /// cannot be read the client gets 500 (404 if it does not exist).
    record File(Path path) implements Body {
        public File {
            Objects.requireNonNull(path, "path");
        }
    }

    /// Bytes that are made while they are sent.
    ///
    /// @param length the number of bytes that `writer` will write, or -1 if that is not known. If it writes another
    ///               number the connection is cut, so that the client notices
    record Stream(long length, Writer writer) implements Body {
        public Stream {
            if (length < -1) {
                throw new IllegalArgumentException("length is negative: " + length);
            }
            Objects.requireNonNull(writer, "writer");
        }
    }

    /// Writes a body to the client.
    @FunctionalInterface
    interface Writer {

        /// Writes the whole body. Called at most once, on the thread that called the handler; not at all for HEAD.
        ///
        /// **Errors.** Whatever this throws before the first bytes have left becomes a 500; after that the connection
        /// is cut. When the client has gone, `out` throws an [IOException], which should simply escape.
        ///
        /// @param out buffered: bytes leave when the buffer is full, at [OutputStream#flush()] and at the end. Blocks
        ///            while the client does not take them. The server's to close
        /// @throws Exception whatever went wrong
        void writeTo(OutputStream out) throws Exception;
    }
}
