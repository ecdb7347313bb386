package loomgate.server.protocol.http;

import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.OtherProtocols;

/// `request-line = method SP request-target SP HTTP-version` of RFC 9112 section 3: where its parts end. The method
/// begins at offset 0.
///
/// **Methods.** Whatever is a token is a method, and the application's to know; `get` is another one than `GET`
/// (RFC 9110 section 9.1). Two are the server's to refuse, with 501: CONNECT, which asks for a tunnel, and TRACE, which
/// asks to be shown what the gateway has added to the request.
record RequestLine(int methodTo, int targetTo, int to) {

    /// More than twice as long as any that is registered.
    private static final int MOST_METHOD = 32; // bytes

    static RequestLine parse(LineReader lines, int end) throws BadRequest {
        if (end == 0) {
            throw new BadRequest(400, "more than one empty line stands before the request line");
        }
        if (lines.contains(0, end, "PR")) {
            OtherProtocols.refuseOnHttp(lines.text(0, Math.min(end, 16)));
        }
        int methodTo = lines.tokenEnd(0, end);
        if (methodTo == 0 || methodTo == end || lines.peek(methodTo) != ' ') {
            throw new BadRequest(400, "the request line does not begin with a method and a space");
        }
        if (methodTo > MOST_METHOD) {
            throw methodTooLong();
        }
        int targetTo = methodTo + 1;
        while (targetTo < end && !lines.isWhitespace(targetTo)) {
            targetTo++;
        }
        if (targetTo == end) {
            throw new BadRequest(400, "the request line has no HTTP version");
        }
        if (targetTo == methodTo + 1 || lines.peek(targetTo) != ' ') {
            throw new BadRequest(400, "the request line has no request target");
        }
        requireVersion(lines, targetTo + 1, end);
        if (lines.contains(0, end, "CONNECT ")) {
            throw new BadRequest(501, "CONNECT is for proxies, and this is none");
        }
        if (lines.contains(0, end, "TRACE ")) {
            throw new BadRequest(501, "TRACE is not answered: it would show what the gateway has added");
        }
        return new RequestLine(methodTo, targetTo, end);
    }

    /// What is wrong with a line that does not end within the limit: its method, or else its target.
    static BadRequest tooLong(LineReader lines, int limit) {
        return lines.tokenEnd(0, limit) > MOST_METHOD ? methodTooLong()
                : new BadRequest(414, "the request line is longer than the limit, buffer-size = " + limit);
    }

    /// 501 as RFC 9112 section 3 advises: no such method is implemented.
    private static BadRequest methodTooLong() {
        return new BadRequest(501, "the method is longer than " + MOST_METHOD + " bytes");
    }

    /// `HTTP-version = "HTTP" "/" DIGIT "." DIGIT` of RFC 9112 section 2.3.
    private static void requireVersion(LineReader lines, int from, int end) throws BadRequest {
        if (end - from != 8 || !lines.contains(from, end, "HTTP/") || !isDigit(lines.peek(from + 5))
                || lines.peek(from + 6) != '.' || !isDigit(lines.peek(from + 7))) {
            throw new BadRequest(400, "the request line does not end with an HTTP version");
        }
        if (lines.peek(from + 5) != '1') {
            throw new BadRequest(505, "the HTTP version is not 1.0 or 1.1: "
                    + (char) lines.peek(from + 5) + "." + (char) lines.peek(from + 7));
        }
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }
}
