package loomgate.server.protocol;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import loomgate.api.Body;
import loomgate.api.Response;
import loomgate.server.net.ByteOutput;
import loomgate.server.net.Transport;
import loomgate.server.representation.Representation;
import loomgate.server.representation.Selection;

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

    private static final Body.Empty NO_BODY = new Body.Empty();

    private static final byte[] CRLF = Octets.ascii("\r\n");
    private static final byte[] COLON = Octets.ascii(": ");
    private static final byte[] CONTENT_LENGTH = Octets.ascii("Content-Length: ");
    private static final byte[] TRANSFER_ENCODING_CHUNKED = Octets.ascii("Transfer-Encoding: chunked\r\n");
    private static final byte[] LAST_CHUNK = Octets.ascii("0\r\n\r\n");

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
    /// @param request   what is answered, null if no request was understood
    /// @param isHead    whether the request's method was HEAD: the answer ends with its head (RFC 9110 section 9.3.2)
    /// @param mayChunk  whether the recipient understands the chunked coding
    /// @throws Exception as [Codec#write]
    public void write(Response response, RequestHead request, boolean isHead, boolean mayChunk, CommitGate gate)
            throws Exception {
        if (isCommitted()) {
            throw new IllegalStateException("a response with status " + status + " has been sent already");
        }
        this.gate = gate;
        output.discard(); // of an attempt that came to nothing
        switch (response.body()) {
            case Body.Empty _ -> writeEmpty(response, isHead);
            case Body.Bytes(byte[] content) -> writeBytes(response, isHead, content);
            case Body.File(Path path) -> writeFile(response, request, isHead, path);
            case Body.Stream(long length, Body.Writer writer) -> {
                if (isHead) {
                    putHead(response, length == UNKNOWN_LENGTH ? NO_LENGTH_FIELD : length, false);
                    commit(response);
                } else {
                    writeStream(new StreamedBody(response, length, mayChunk), writer);
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

    /// What answers GET or HEAD with 200 may be wanted under a condition, or in part.
    private void writeFile(Response response, RequestHead request, boolean isHead, Path path) throws IOException {
        try (StoredFile file = StoredFile.open(path)) {
            boolean isSelectable = response.status() == 200 && request != null
                    && (isHead || request.method().equals("GET"));
            if (!isSelectable) {
                sendFile(response, isHead, file, 0, file.size());
                return;
            }
            Representation current = Representation.of(response.headers(), file.attributes(), Instant.now());
            switch (current.selectedBy(!isHead, request.headers())) {
                case Selection.Whole() ->
                        sendFile(new Response(200, current.headers(), response.body()), isHead, file, 0, file.size());
                case Selection.Part part ->
                        sendFile(new Response(206, current.headersOf(part), response.body()), isHead, file,
                                part.first(), part.last() - part.first() + 1);
                case Selection.NotModified() ->
                        writeEmpty(new Response(304, current.headersOfNotModified(), NO_BODY), isHead);
                case Selection.PreconditionFailed() -> writePlain(PlainResponse.of(412), isHead);
                case Selection.NotSatisfiable() -> writePlain(
                        PlainResponse.of(416).withHeader("Content-Range", "bytes */" + file.size()), isHead);
            }
        }
    }

    private void writePlain(Response plain, boolean isHead) throws IOException {
        writeBytes(plain, isHead, ((Body.Bytes) plain.body()).content());
    }

    /// A little leaves together with the head, more is handed to the transport.
    private void sendFile(Response response, boolean isHead, StoredFile file, long first, long count)
            throws IOException {
        putHead(response, count, false);
        if (isHead) {
            commit(response);
        } else if (count <= ByteOutput.GATHERED_AT_MOST) {
            if (first > 0) {
                file.channel().position(first);
            }
            if (output.putFrom(file.channel(), (int) count) < count) {
                throw new IOException("the file has become shorter while it was read: " + file.path());
            }
            commit(response);
            bodyBytes = count;
        } else {
            commit(response);
            transport.transferFrom(file.channel(), first, count);
            bodyBytes = count;
        }
    }

    /// A peer that has gone is nobody's fault, whatever the writer makes of it.
    private static void writeStream(StreamedBody body, Body.Writer writer) throws Exception {
        try {
            writer.writeTo(body);
        } catch (Exception e) {
            throw body.failure == null ? e : body.failure;
        } finally {
            body.hasEnded = true; // for who has kept it as well: the connection goes on with other answers
        }
        body.end();
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
        private BodyLengthMismatch surplus; // null unless the writer went on where the announced length ends
        private volatile boolean hasEnded; // seen by a thread that the writer has left behind
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
                sendGathered();
            }
            gathered[count++] = (byte) b;
        }

        @Override
        public void write(byte[] bytes, int offset, int size) throws IOException {
            Objects.checkFromIndexSize(offset, size, bytes.length);
            admit(size);
            if (size > gathered.length - count) {
                sendGathered();
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
            if (!hasEnded) {
                sendGathered();
            }
        }

        private void sendGathered() throws IOException {
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
                surplus = new BodyLengthMismatch(length, written + more);
                throw surplus;
            }
            written += more;
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
                if (isUnframed()) {
                    transport.beginUnframed();
                }
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
            if (failure != null) {
                throw failure;
            }
            if (surplus != null) {
                throw surplus; // the writer has swallowed it
            }
            if (length != UNKNOWN_LENGTH && written != length) {
                throw new BodyLengthMismatch(length, written);
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
                return;
            }
            sendGathered();
            if (isUnframed()) {
                transport.endUnframed();
            }
        }

        private boolean isUnframed() {
            return length == UNKNOWN_LENGTH && !chunked;
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
}
