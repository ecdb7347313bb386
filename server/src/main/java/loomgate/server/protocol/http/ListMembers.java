package loomgate.server.protocol.http;

import loomgate.server.protocol.Octets;

/// Walks the members of a field value that is a list (`#element` of RFC 9110 section 5.6.1). Empty members are skipped,
/// and remembered.
final class ListMembers {

    private final byte[] bytes;
    private final int end;
    private int next; // where the next member begins
    private int from; // of the current member
    private int to;
    private boolean hasEmpty;

    ListMembers(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.next = from;
        this.end = to;
    }

    boolean next() {
        while (next <= end) {
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
            hasEmpty = true;
        }
        return false;
    }

    /// Whether the current member is that, in whatever case.
    boolean is(String lowerCase) {
        return Octets.equalsIgnoreCase(bytes, from, to, lowerCase);
    }

    /// Whether an empty member was skipped; of the whole list once [#next()] has returned false. A list without any
    /// members has one that is empty.
    boolean hasEmpty() {
        return hasEmpty;
    }

    private static boolean isWhitespace(byte b) {
        return b == ' ' || b == '\t';
    }
}
