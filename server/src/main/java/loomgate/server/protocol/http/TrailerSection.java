package loomgate.server.protocol.http;

import java.io.IOException;
import loomgate.server.net.ByteInput;
import loomgate.server.protocol.BadRequest;

/// `trailer-section = *( field-line CRLF )` and the empty line, behind the last chunk (RFC 9112 section 7.1.2). Checked
/// as a header section is, and dropped: the application has had its header fields long before (RFC 9110 section 6.5.1).
final class TrailerSection {

    /// What may not be a trailer since it is too late for it (RFC 9110 section 6.5.1): to take one for a header field
    /// would move the end of a message, or its receiver.
    private static final String[] FORBIDDEN = {
        "connection", "content-length", "expect", "host", "te", "trailer", "transfer-encoding", "upgrade"};

    private TrailerSection() {}

    /// Reads the section and consumes it.
    ///
    /// @param limit the most bytes it may have
    static void skip(ByteInput input, LineReader lines, int limit) throws IOException {
        FieldLines fieldLines = new FieldLines(FieldLines.Section.TRAILER);
        int end = fieldLines.read(lines, 0, limit);
        if (end == LineReader.TOO_LONG) {
            throw new BadRequest(431, "the trailer section is longer than the limit, buffer-size = " + limit);
        }
        Fields fields = fieldLines.in(input.take(end));
        for (int i = 0; i < fields.count(); i++) {
            for (String name : FORBIDDEN) {
                if (fields.isNamed(i, name)) {
                    throw new BadRequest(400, "the trailer section has a field that is none for it: " + name);
                }
            }
        }
    }
}
