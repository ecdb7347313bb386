package loomgate.server.protocol.http;

import loomgate.server.protocol.Authority;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.Octets;
import loomgate.server.protocol.RequestPath;

/// `request-target` of RFC 9112 section 3.2: where its parts are, and the path.
///
/// @param path          decoded, see [RequestPath]
/// @param queryFrom     offset behind the `?`, or `to` where there is none
/// @param to            offset of the target's end
/// @param authorityFrom of absolute-form; equal to `authorityTo` in the other forms
/// @param authorityTo   end of the authority
record RequestTarget(RequestPath path, int queryFrom, int to, int authorityFrom, int authorityTo) {

    private static final byte[] ASTERISK = {'*'};

    static RequestTarget parse(byte[] bytes, int from, int to, String method) throws BadRequest {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '#') {
                throw new BadRequest(400, "the request target has a fragment");
            }
        }
        if (bytes[from] == '/') {
            return originForm(bytes, from, to, from, from);
        }
        if (to - from == 1 && bytes[from] == '*') {
            if (!method.equals("OPTIONS")) {
                throw new BadRequest(400, "the request target * is for OPTIONS only"); // section 3.2.4
            }
            return new RequestTarget(RequestPath.ofDecoded(bytes, from, to), to, to, from, from);
        }
        return absoluteForm(bytes, from, to, method);
    }

    /// `origin-form = absolute-path [ "?" query ]`.
    private static RequestTarget originForm(byte[] bytes, int from, int to, int authorityFrom, int authorityTo)
            throws BadRequest {
        int pathTo = indexOf(bytes, '?', from, to);
        return new RequestTarget(RequestPath.ofEncoded(bytes, from, pathTo), Math.min(pathTo + 1, to), to,
                authorityFrom, authorityTo);
    }

    /// `absolute-form = absolute-URI` of section 3.2.2, whose scheme has to be http or https. For OPTIONS, one that
    /// ends with the authority means what `*` means (section 3.2.4).
    private static RequestTarget absoluteForm(byte[] bytes, int from, int to, String method) throws BadRequest {
        int colon = indexOf(bytes, ':', from, to);
        boolean isHttp = Octets.equalsIgnoreCase(bytes, from, colon, "http")
                || Octets.equalsIgnoreCase(bytes, from, colon, "https");
        if (!isHttp || to - colon < 4 || bytes[colon + 1] != '/' || bytes[colon + 2] != '/') {
            throw new BadRequest(400, "the request target is neither a path nor an http URI");
        }
        int authorityFrom = colon + 3;
        int authorityTo = authorityFrom;
        while (authorityTo < to && bytes[authorityTo] != '/' && bytes[authorityTo] != '?') {
            authorityTo++;
        }
        // an empty host is invalid (RFC 9110 section 4.2.1), and so is user information, an @ (section 4.2.4)
        if (authorityTo == authorityFrom || !Authority.isValid(bytes, authorityFrom, authorityTo)) {
            throw new BadRequest(400, "the request target's host is invalid");
        }
        if (authorityTo == to && method.equals("OPTIONS")) {
            return new RequestTarget(RequestPath.ofDecoded(ASTERISK, 0, 1), to, to, authorityFrom, authorityTo);
        }
        return originForm(bytes, authorityTo, to, authorityFrom, authorityTo);
    }

    /// The offset of the first such byte, or `to`.
    private static int indexOf(byte[] bytes, char wanted, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != wanted) {
            at++;
        }
        return at;
    }
}
