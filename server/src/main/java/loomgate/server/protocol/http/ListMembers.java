package loomgate.server.protocol.http;

import loomgate.server.protocol.Octets;

/// Walks the members of a field value that is a list (`#element` of RFC 9110 section 5.6.1). Empty members are skipped.
final class ListMembers {

    private final byte[] bytes;
    private final int end;
    private int next; // where the next member begins
    private int from; // of the current member
    private int to;

    ListMembers(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.next = from;
        this.end = to;
    }

    boolean next() {
        while (next < end) {
            from = next;
            to = from;
            while (to < end && bytes[to] != ',') {
                to++;
            }
            next = to + 1;
            while (from < to && isWhitespace(bytes[from])) {
                from++;
            }
            while (to > from && isWhitespace(bytes[to - 1])) {
                to--;
            }
            if (from < to) {
                return true;
            }
        }
        return false;
    }

    /// Whether the current member is that, in whatever case.
    boolean is(String lowerCase) {
        return Octets.equalsIgnoreCase(bytes, from, to, lowerCase);
    }

    private static boolean isWhitespace(byte b) {
        return b == ' ' || b == '\t';
    }
}
