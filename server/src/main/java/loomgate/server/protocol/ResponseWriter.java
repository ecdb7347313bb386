package loomgate.server.protocol;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import loomgate.api.Body;
import loomgate.api.Response;
import loomgate.server.net.ByteOutput;
import loomgate.server.net.Transport;

/// Puts responses on the wire as HTTP/1.1 messages (RFC 9112 section 2.1), which is what both protocols answer with.
/// Status line, header fields, length and body are made here; what a protocol adds of its own comes from [OwnFields].
///
/// Nothing leaves before the whole head and the first bytes of the body are known, so a file that is not there and a
/// stream whose writer fails early leave everything open for another answer.
public final class ResponseWriter {

    private static final int STREAM_BUFFER = 8 * 1024; // bytes of a stream that are gathered
    private static final int USUAL_HEAD = 320; // bytes that most heads fit into

    /// In place of a length: the message has no field that tells of one.
    private static final long NO_LENGTH_FIELD = -2;

    /// In place of a length: only the end of the body will tell.
    private static final long UNKNOWN_LENGTH = -1;

    private static final byte[] CRLF = ascii("\r\n");
    private static final byte[] COLON = ascii(": ");
    private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
    private static final byte[] TRANSFER_ENCODING_CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
    private static final byte[] LAST_CHUNK = ascii("0\r\n\r\n");

    private final Transport transport;
    private final ByteOutput output;
    private final OwnFields ownFields;

    private CommitGate gate; // of the response in progress
    private int status; // 0 while nothing has left
    private int headers;
    private int headBytes;
    private long bodyBytes;

    public ResponseWriter(Transport transport, OwnFields ownFields) {
        this.transport = transport;
        this.output = new ByteOutput(transport);
        this.ownFields = ownFields;
    }

    /// What has left since [#beginNext()].
    public Codec.Sent sent() {
        return isCommitted() ? new Codec.Sent(status, headers, headBytes, bodyBytes) : Codec.Sent.NOTHING;
    }

    public boolean isCommitted() {
        return status != 0;
    }

    /// Another request has begun.
    public void beginNext() {
        status = 0;
        headers = 0;
        headBytes = 0;
        bodyBytes = 0;
    }

    /// Sends a response.
    ///
    /// @param isHead    whether the request's method was HEAD: the answer ends with its head (RFC 9110 section 9.3.2)
    /// @param mayChunk  whether the recipient understands the chunked coding
    /// @throws Exception as [Codec#write]
    public void write(Response response, boolean isHead, boolean mayChunk, CommitGate gate) throws Exception {
        if (isCommitted()) {
            throw new IllegalStateException("a response with status " + status + " has been sent already");
        }
        this.gate = gate;
        output.discard(); // of an attempt that came to nothing
        switch (response.body()) {
            case Body.Empty _ -> writeEmpty(response, isHead);
            case Body.Bytes(byte[] content) -> writeBytes(response, isHead, content);
            case Body.File(Path path) -> writeFile(response, isHead, path);
            case Body.Stream(long length, Body.Writer writer) -> {
                if (isHead) {
                    putHead(response, length == UNKNOWN_LENGTH ? NO_LENGTH_FIELD : length, false);
                    commit(response);
                } else {
                    StreamedBody body = new StreamedBody(response, length, mayChunk);
                    writer.writeTo(body);
                    body.end();
                }
            }
        }
    }

    /// 204 and 304 have no content and no length (RFC 9110 section 8.6). Nor does an empty answer to HEAD: it says
    /// nothing of the length that GET would have.
    private void writeEmpty(Response response, boolean isHead) throws IOException {
        boolean hasNoLength = isHead || response.status() == 204 || response.status() == 304;
        putHead(response, hasNoLength ? NO_LENGTH_FIELD : 0, false);
        commit(response);
    }

    private void writeBytes(Response response, boolean isHead, byte[] content) throws IOException {
        boolean gathers = !isHead && content.length <= ByteOutput.GATHERED_AT_MOST;
        output.expect(USUAL_HEAD + (gathers ? content.length : 0));
        putHead(response, content.length, false);
        if (isHead) {
            commit(response);
        } else if (gathers) {
            output.put(content);
            commit(response);
            bodyBytes = content.length;
        } else {
            commit(response);
            output.writeThrough(content, 0, content.length);
            bodyBytes = content.length;
        }
    }

    /// A small file leaves together with the head, a larger one is handed to the transport.
    private void writeFile(Response response, boolean isHead, Path path) throws IOException {
        // asked first, because opening a pipe would block
        if (!Files.readAttributes(path, BasicFileAttributes.class).isRegularFile()) {
            throw new IOException("not a regular file: " + path);
        }
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = file.size();
            putHead(response, size, false);
            if (isHead) {
                commit(response);
            } else if (size <= ByteOutput.GATHERED_AT_MOST) {
                if (output.putFrom(file, (int) size) < size) {
                    throw new IOException("the file has become shorter than " + size + " bytes: " + path);
                }
                commit(response);
                bodyBytes = size;
            } else {
                commit(response);
                transport.transferFrom(file, 0, size);
                bodyBytes = size;
            }
        }
    }

    /// @param length bytes of the body, or [#UNKNOWN_LENGTH] or [#NO_LENGTH_FIELD]
    private void putHead(Response response, long length, boolean chunked) {
        output.put(StatusLine.of(response.status()));
        headers = ownFields.putInto(output, length != UNKNOWN_LENGTH || chunked);
        headers += response.headers().size();
        response.headers().forEach(this::putField);
        if (length >= 0) {
            headers++;
            output.put(CONTENT_LENGTH);
            output.putDecimal(length);
            output.put(CRLF);
        } else if (chunked) {
            headers++;
            output.put(TRANSFER_ENCODING_CHUNKED);
        }
        output.put(CRLF);
        headBytes = output.size();
    }

    private void putField(String name, String value) {
        output.put(name);
        output.put(COLON);
        output.put(value);
        output.put(CRLF);
    }

    /// Sends the head and what is gathered behind it. From here on there is no other answer, even if the transport
    /// fails: nobody can know how much of it has left.
    private void commit(Response response) throws IOException {
        gate.pass();
        status = response.status();
        output.flush();
    }

    /// What the writer of a [Body.Stream] writes to.
    ///
    /// A body that ends before anything of it had to leave is sent with its length, whether it was announced or not.
    /// Otherwise one of unknown length is chunked (RFC 9112 section 7.1) or ends with the connection.
    private final class StreamedBody extends OutputStream {

        private final Response response;
        private final long length; // announced, or UNKNOWN_LENGTH
        private final boolean chunked;
        private final byte[] gathered = new byte[STREAM_BUFFER];
        private int count; // bytes gathered
        private long written; // bytes that the writer has written
        private boolean isTooLong;
        private boolean hasEnded;
        private IOException failure; // of the transport: final, whatever the writer makes of it

        StreamedBody(Response response, long length, boolean mayChunk) {
            this.response = response;
            this.length = length;
            this.chunked = length == UNKNOWN_LENGTH && mayChunk;
        }

        @Override
        public void write(int b) throws IOException {
            admit(1);
            if (count == gathered.length) {
                flush();
            }
            gathered[count++] = (byte) b;
        }

        @Override
        public void write(byte[] bytes, int offset, int size) throws IOException {
            Objects.checkFromIndexSize(offset, size, bytes.length);
            admit(size);
            if (size > gathered.length - count) {
                flush();
            }
            if (size > gathered.length) {
                send(bytes, offset, size);
            } else {
                System.arraycopy(bytes, offset, gathered, count, size);
                count += size;
            }
        }

        /// A flush before the first byte does not send the head alone: the writer may still fail.
        @Override
        public void flush() throws IOException {
            if (count > 0) {
                int size = count;
                count = 0;
                send(gathered, 0, size);
            }
        }

        /// The server closes it; a wrapper that closes what it wraps has only flushed.
        @Override
        public void close() {}

        private void admit(int more) throws IOException {
            if (hasEnded) {
                throw new IOException("the response has ended");
            }
            if (failure != null) {
                throw failure;
            }
            if (length != UNKNOWN_LENGTH && more > length - written) {
                isTooLong = true;
                throw mismatch("more");
            }
            written += more;
        }

        private IOException mismatch(String comparison) {
            return new IOException("the body's stream wrote " + comparison + " than the " + length
                    + " bytes that were announced");
        }

        /// `chunk` of RFC 9112 section 7.1 where the body is chunked.
        private void send(byte[] bytes, int offset, int size) throws IOException {
            try {
                sendFramed(bytes, offset, size);
            } catch (IOException broken) {
                failure = broken;
                throw broken;
            }
            bodyBytes += size;
        }

        private void sendFramed(byte[] bytes, int offset, int size) throws IOException {
            if (!isCommitted()) {
                putHead(response, length, chunked);
                gate.pass();
                status = response.status();
            }
            if (chunked) {
                output.putHexadecimal(size);
                output.put(CRLF);
            }
            if (size <= ByteOutput.GATHERED_AT_MOST) {
                output.put(bytes, offset, size);
                if (chunked) {
                    output.put(CRLF);
                }
                output.flush();
            } else {
                output.writeThrough(bytes, offset, size);
                if (chunked) {
                    output.put(CRLF); // leaves with what comes next: it is not worth a write
                }
            }
        }

        /// The writer has returned.
        void end() throws IOException {
            hasEnded = true;
            if (failure != null) {
                throw failure;
            }
            if (isTooLong) {
                throw mismatch("more"); // the writer has swallowed it
            }
            if (length != UNKNOWN_LENGTH && written != length) {
                throw mismatch("less");
            }
            if (!isCommitted()) {
                putHead(response, count, false);
                output.put(gathered, 0, count);
                commit(response);
                bodyBytes = count;
                return;
            }
            if (chunked) {
                endChunked();
            } else {
                flush();
            }
        }

        private void endChunked() throws IOException {
            if (count > 0) {
                output.putHexadecimal(count);
                output.put(CRLF);
                output.put(gathered, 0, count);
                output.put(CRLF);
            }
            output.put(LAST_CHUNK);
            output.flush();
            bodyBytes += count;
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
