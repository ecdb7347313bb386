package loomgate.server.protocol.http;

import java.io.IOException;
import java.util.Arrays;
import loomgate.server.protocol.BadRequest;

/// Reads the field lines of a header section or a trailer section (RFC 9112 section 5): where each name and each value
/// stands.
final class FieldLines {

    /// What the fields belong to, in the words of a reason.
    enum Section {
        HEADER("header"), TRAILER("trailer");

        private final String kind;
        private final String text;

        Section(String kind) {
            this.kind = kind;
            this.text = "the " + kind + " section";
        }
    }

    private static final int MOST = 128;
    private static final int USUAL = 12;

    private final Section section;
    private int[] offsets = new int[4 * USUAL]; // as Fields has them
    private int count;

    FieldLines(Section section) {
        this.section = section;
    }

    /// Reads the lines up to the empty one that ends the section, and judges each when it is complete.
    ///
    /// @param from  offset of the first line
    /// @param limit offset that the section must not reach beyond
    /// @return the offset behind the section, [LineReader#TOO_LONG] if it is not over at the limit
    int read(LineReader lines, int from, int limit) throws IOException {
        int at = from;
        while (true) {
            int end = lines.endOfLine(at, limit, section.text);
            if (end == LineReader.TOO_LONG) {
                return LineReader.TOO_LONG;
            }
            if (end == at) {
                return end + 2;
            }
            add(lines, at, end);
            at = end + 2;
        }
    }

    /// `field-line = field-name ":" OWS field-value OWS` of RFC 9112 section 5.
    private void add(LineReader lines, int from, int end) throws BadRequest {
        int colon = lines.tokenEnd(from, end);
        if (colon == from && lines.isWhitespace(from)) {
            throw bad("a " + section.kind + " field is folded over lines"); // obs-fold, section 5.2
        }
        if (colon == from || colon == end || lines.peek(colon) != ':') {
            throw bad(colon < end && lines.isWhitespace(colon)
                    ? "there is a space within a " + section.kind + " field's name or between it and the colon" // 5.1
                    : "a " + section.kind + " field's name is no token, or the colon is missing");
        }
        if (count == MOST) {
            throw new BadRequest(431, section.text + " has more than " + MOST + " fields");
        }
        int valueFrom = lines.whitespaceEnd(colon + 1, end);
        int valueTo = end;
        while (valueTo > valueFrom && lines.isWhitespace(valueTo - 1)) {
            valueTo--;
        }
        int at = 4 * count++;
        if (at == offsets.length) {
            offsets = Arrays.copyOf(offsets, 2 * at);
        }
        offsets[at] = from;
        offsets[at + 1] = colon;
        offsets[at + 2] = valueFrom;
        offsets[at + 3] = valueTo;
    }

    private static BadRequest bad(String reason) {
        return new BadRequest(400, reason);
    }

    /// The fields that were read.
    ///
    /// @param bytes of the input, as they were at the time
    Fields in(byte[] bytes) {
        return new Fields(bytes, offsets, count);
    }
}
