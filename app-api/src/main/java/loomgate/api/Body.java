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

    /// The content of a regular file, as long as it is when the response begins. The server opens it before anything is
    /// sent, and closes it.
    ///
    /// **Errors.** If the file does not exist the client gets 404; if it cannot be read, or is no regular file, 500. If
    /// it becomes shorter while it is sent the connection is cut. The log names it.
    ///
    /// **Validators.** GET and HEAD with status 200 get an `ETag`, a `Last-Modified` and `Accept-Ranges: bytes`, unless
    /// the response has its own, which then count. Conditions are evaluated (RFC 9110 section 13): a client that has
    /// the file already gets 304, one that wants another version 412.
    ///
    /// **Ranges.** GET may ask for one range (RFC 9110 section 14): 206, or 416 if the file has no such bytes. Several
    /// ranges are answered with the whole file. A response with `Accept-Ranges: none` is always sent whole.
    record File(Path path) implements Body {
        public File {
            Objects.requireNonNull(path, "path");
        }
    }

    /// Bytes that are made while they are sent.
    ///
    /// @param length the number of bytes that `writer` will write, or -1 if that is not known. What it writes beyond
    ///               them is refused. If it writes another number the client gets 500, or if something has left already
    ///               the connection is cut, so that the client notices; the log has both numbers
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
