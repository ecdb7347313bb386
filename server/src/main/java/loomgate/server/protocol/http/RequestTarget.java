package loomgate.server.protocol.http;

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
        return absoluteForm(bytes, from, to);
    }

    /// `origin-form = absolute-path [ "?" query ]`.
    private static RequestTarget originForm(byte[] bytes, int from, int to, int authorityFrom, int authorityTo)
            throws BadRequest {
        int pathTo = indexOf(bytes, '?', from, to);
        return new RequestTarget(RequestPath.ofEncoded(bytes, from, pathTo), Math.min(pathTo + 1, to), to,
                authorityFrom, authorityTo);
    }

    /// `absolute-form = absolute-URI` of section 3.2.2, whose scheme has to be http or https.
    private static RequestTarget absoluteForm(byte[] bytes, int from, int to) throws BadRequest {
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
        if (authorityTo == authorityFrom || !isHost(bytes, authorityFrom, authorityTo)) {
            throw new BadRequest(400, "the request target's host is invalid");
        }
        return originForm(bytes, authorityTo, to, authorityFrom, authorityTo);
    }

    /// `Host = uri-host [ ":" port ]` of RFC 9110 section 7.2. Empty is allowed: the target had no authority.
    static boolean isHost(byte[] bytes, int from, int to) {
        int hostTo = from;
        if (from < to && bytes[from] == '[') { // IP-literal of RFC 3986 section 3.2.2
            hostTo = indexOf(bytes, ']', from, to) + 1;
            if (hostTo > to || hostTo == from + 2) {
                return false;
            }
            for (int i = from + 1; i < hostTo - 1; i++) {
                if (bytes[i] != ':' && bytes[i] != '.' && !isAlphanumeric(bytes[i])) {
                    return false;
                }
            }
        } else {
            while (hostTo < to && isRegisteredNameCharacter(bytes[hostTo])) {
                hostTo++;
            }
        }
        if (hostTo == to) {
            return true;
        }
        if (bytes[hostTo] != ':' || hostTo == from || to - hostTo > 6) {
            return false;
        }
        return hostTo + 1 == to || Octets.decimal(bytes, hostTo + 1, to) >= 0; // port = *DIGIT
    }

    /// `reg-name` of RFC 3986 section 3.2.2.
    private static boolean isRegisteredNameCharacter(byte b) {
        return isAlphanumeric(b) || b > 0 && "-._~%!$&'()*+,;=".indexOf(b) >= 0;
    }

    private static boolean isAlphanumeric(byte b) {
        return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9';
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
