package loomgate.server.protocol.http;

import loomgate.server.protocol.BadRequest;

/// Recognises peers that speak another protocol. A port mistaken for another is the operator's most likely error, so
/// the reason says what it looks like and what to do.
final class OtherProtocols {

    private static final byte TLS_HANDSHAKE = 0x16; // ContentType of RFC 8446 section 5.1
    private static final byte UWSGI_REQUEST = 0; // modifier1, the first byte of a packet
    private static final byte UWSGI_REQUEST_WITH_SCRIPT_NAME = 30;
    private static final byte FASTCGI_VERSION_1 = 1; // the first byte of a record

    private OtherProtocols() {}

    /// Refuses a request whose first byte begins none: these protocols have no lines to wait for.
    static void refuseFirstByte(byte first) throws BadRequest {
        switch (first) {
            case TLS_HANDSHAKE -> throw looksLike("TLS", "plain HTTP; use http://, TLS is nginx's part");
            case UWSGI_REQUEST, UWSGI_REQUEST_WITH_SCRIPT_NAME -> throw looksLike("the uwsgi protocol",
                    "HTTP; use proxy_pass in nginx, or declare the address with socket instead of http");
            case FASTCGI_VERSION_1 -> throw looksLike("FastCGI", "HTTP; use proxy_pass in nginx");
            default -> {}
        }
    }

    /// Refuses first lines that look like a request line and are none.
    static void refuseLine(LineReader lines, int end) throws BadRequest {
        if (lines.peek(0) != 'P' || end < 2 || lines.peek(1) != 'R') {
            return;
        }
        if (lines.contains(0, end, "PRI * HTTP/2.0")) { // RFC 9113 section 3.4
            throw looksLike("HTTP/2", "HTTP/1.1; HTTP/2 is nginx's part");
        }
        if (lines.contains(0, end, "PROXY TCP") || lines.contains(0, end, "PROXY UNKNOWN")) {
            throw looksLike("the PROXY protocol",
                    "HTTP alone; switch it off in the balancer (send-proxy, proxy_protocol)");
        }
    }

    private static BadRequest looksLike(String protocol, String remedy) {
        return new BadRequest(400, "looks like " + protocol + ": this listener speaks " + remedy);
    }
}
