package loomgate.server.protocol;

/// Recognises peers that speak another protocol. A port mistaken for another is the operator's most likely error, so
/// the reason says what it looks like and what to do.
public final class OtherProtocols {

    private static final byte TLS_HANDSHAKE = 0x16; // ContentType of RFC 8446 section 5.1, then the version, 3.x
    private static final byte UWSGI_REQUEST = 0; // modifier1, the first byte of a packet
    private static final byte UWSGI_REQUEST_WITH_SCRIPT_NAME = 30;
    private static final byte FASTCGI_VERSION_1 = 1; // the first byte of a record, then FCGI_BEGIN_REQUEST
    private static final byte FASTCGI_BEGIN_REQUEST = 1;

    private OtherProtocols() {}

    /// Refuses what begins no HTTP request by its first byte: these protocols have no lines to wait for.
    public static void refuseOnHttp(byte first) throws BadRequest {
        switch (first) {
            case TLS_HANDSHAKE -> throw looksLike("TLS", "plain HTTP; use http://, TLS is nginx's part");
            case UWSGI_REQUEST, UWSGI_REQUEST_WITH_SCRIPT_NAME -> throw looksLike("the uwsgi protocol",
                    "HTTP; use proxy_pass in nginx, or declare the address with socket instead of http");
            case FASTCGI_VERSION_1 -> throw looksLike("FastCGI", "HTTP; use proxy_pass in nginx");
            default -> {}
        }
    }

    /// Refuses first lines that look like an HTTP request line and are none.
    ///
    /// @param line its first 16 bytes, or fewer
    public static void refuseOnHttp(String line) throws BadRequest {
        if (line.startsWith("PRI * HTTP/2.0")) { // RFC 9113 section 3.4
            throw looksLike("HTTP/2", "HTTP/1.1; HTTP/2 is nginx's part");
        }
        if (line.startsWith("PROXY TCP") || line.startsWith("PROXY UNKNOWN")) {
            throw looksLike("the PROXY protocol",
                    "HTTP alone; switch it off in the balancer (send-proxy, proxy_protocol)");
        }
    }

    /// Refuses what begins no uwsgi packet that any gateway sends.
    ///
    /// @param start 4 bytes, as long as a packet's header
    public static void refuseOnUwsgi(byte[] start) throws BadRequest {
        if (start[0] == TLS_HANDSHAKE && start[1] == 3) {
            throw looksLike("TLS", "the plain uwsgi protocol; use uwsgi_pass without suwsgi, TLS is nginx's part");
        }
        if (begins(start, "PROX") || begins(start, "\r\n\r\n")) { // version 1, version 2
            throw looksLike("the PROXY protocol",
                    "the uwsgi protocol alone; switch it off in the balancer (send-proxy, proxy_protocol)");
        }
        if (isCapital(start[0]) && isCapital(start[1]) && isCapital(start[2])
                && (isCapital(start[3]) || start[3] == ' ')) { // a method, the preface of HTTP/2 included
            throw looksLike("HTTP", "the uwsgi protocol; use uwsgi_pass instead of proxy_pass in nginx, or declare the"
                    + " address with http instead of socket");
        }
        if (start[0] == FASTCGI_VERSION_1 && start[1] == FASTCGI_BEGIN_REQUEST) {
            throw looksLike("FastCGI", "the uwsgi protocol; use uwsgi_pass instead of fastcgi_pass in nginx");
        }
        if (isDigit(start[0]) && isDigit(start[1]) && (start[2] == ':' || isDigit(start[2]) && start[3] == ':')) {
            throw looksLike("SCGI", "the uwsgi protocol; use uwsgi_pass instead of scgi_pass in nginx");
        }
    }

    private static BadRequest looksLike(String protocol, String remedy) {
        return new BadRequest(400, "looks like " + protocol + ": this listener speaks " + remedy);
    }

    private static boolean begins(byte[] bytes, String start) {
        for (int i = 0; i < start.length(); i++) {
            if (bytes[i] != start.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isCapital(byte b) {
        return b >= 'A' && b <= 'Z';
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }
}
