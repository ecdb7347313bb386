package loomgate.server.protocol.http;

import loomgate.server.protocol.BadRequest;

/// What the header fields say about the message itself: the body's length (RFC 9112 section 6.3), the connection's
/// fate (section 9.3) and what the client waits for (RFC 9110 section 10.1.1).
///
/// Where a length could be understood in two ways the request is refused: that is how requests are smuggled past a
/// proxy (RFC 9112 section 11.2).
final class Framing {

    static final long CHUNKED = -1;

    private long contentLength = -1; // -1 while no field has told
    private boolean isChunked;
    private boolean hasTransferEncoding;
    private boolean hasOtherCoding;
    private boolean closes;
    private boolean keepsAlive;
    private boolean expectsContinue;

    private Framing() {}

    static Framing of(Fields fields, boolean isHttp10) throws BadRequest {
        Framing framing = new Framing();
        for (int i = 0; i < fields.count(); i++) {
            framing.apply(fields, i);
        }
        framing.judge(isHttp10);
        return framing;
    }

    /// Bytes of the body, or [#CHUNKED].
    long length() {
        return isChunked ? CHUNKED : Math.max(contentLength, 0);
    }

    /// Whether the client will not send another request.
    boolean closes() {
        return closes;
    }

    boolean expectsContinue() {
        return expectsContinue && length() != 0;
    }

    /// Names are told apart by their length first: most fields are none of these.
    private void apply(Fields fields, int field) throws BadRequest {
        switch (fields.nameLength(field)) {
            case 6 -> {
                if (fields.isNamed(field, "expect")) {
                    applyExpect(fields, field);
                }
            }
            case 10 -> {
                if (fields.isNamed(field, "connection")) {
                    applyConnection(fields, field);
                }
            }
            case 14 -> {
                if (fields.isNamed(field, "content-length")) {
                    applyContentLength(fields, field);
                }
            }
            case 17 -> {
                if (fields.isNamed(field, "transfer-encoding")) {
                    applyTransferEncoding(fields, field);
                }
            }
            default -> {}
        }
    }

    /// `Content-Length = 1*DIGIT` of RFC 9110 section 8.6, which leaves it to us to refuse a value that is given twice.
    private void applyContentLength(Fields fields, int field) throws BadRequest {
        long length = fields.decimal(field);
        if (length < 0) {
            throw new BadRequest(400, "Content-Length is no number, or too large");
        }
        if (contentLength >= 0) {
            throw new BadRequest(400, "more than one Content-Length");
        }
        contentLength = length;
    }

    /// `Transfer-Encoding = #transfer-coding` of RFC 9112 section 6.1, where `chunked` alone is understood. Empty
    /// members are not ignored here, against RFC 9110 section 5.6.1: recipients disagree on what is left.
    private void applyTransferEncoding(Fields fields, int field) throws BadRequest {
        hasTransferEncoding = true;
        ListMembers codings = fields.members(field);
        while (codings.next()) {
            if (isChunked) {
                // applied twice, or something applied after it, so that the end cannot be found (section 6.3)
                throw new BadRequest(400, "chunked is not the last transfer coding");
            }
            if (codings.is("chunked")) {
                isChunked = true;
            } else {
                hasOtherCoding = true;
            }
        }
        if (codings.hasEmpty()) {
            throw new BadRequest(400, "Transfer-Encoding has an empty member");
        }
    }

    private void applyConnection(Fields fields, int field) {
        ListMembers options = fields.members(field);
        while (options.next()) {
            closes |= options.is("close");
            keepsAlive |= options.is("keep-alive");
        }
    }

    private void applyExpect(Fields fields, int field) throws BadRequest {
        ListMembers expectations = fields.members(field);
        while (expectations.next()) {
            if (!expectations.is("100-continue")) {
                throw new BadRequest(417, "the client expects something other than 100-continue");
            }
            expectsContinue = true;
        }
    }

    private void judge(boolean isHttp10) throws BadRequest {
        if (hasTransferEncoding) {
            if (isHttp10) {
                throw new BadRequest(400, "Transfer-Encoding in a request of HTTP/1.0"); // RFC 9112 section 6.1
            }
            if (contentLength >= 0) {
                throw new BadRequest(400, "both Transfer-Encoding and Content-Length");
            }
            if (!isChunked) {
                throw new BadRequest(400, "chunked is not the last transfer coding");
            }
            if (hasOtherCoding) {
                throw new BadRequest(501, "a transfer coding other than chunked");
            }
        }
        if (isHttp10) {
            closes |= !keepsAlive;
            expectsContinue = false; // ignored as RFC 9110 section 10.1.1 demands
        }
    }
}
