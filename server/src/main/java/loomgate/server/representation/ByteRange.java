package loomgate.server.representation;

import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The field `Range` of RFC 9110 section 14.2.
///
/// A single range is answered with a part. Several are answered with the whole, as section 14.2 allows: few clients
/// ask for them, and many small or overlapping ones are a way to make a server work (section 17.15).
final class ByteRange {

    /// `ranges-specifier` of section 14.1.1 with one `range-spec`; the list may have empty members (section 5.6.1).
    /// Positions may have any number of digits, and a file's size has no more than 19.
    private static final Pattern SINGLE = Pattern.compile("(?i:bytes)=[, \\t]*(\\d{0,40})-(\\d{0,40})[, \\t]*");

    private ByteRange() {}

    /// @param length bytes of the representation
    /// @return the whole, if the field is invalid or asks for what we do not do
    static Selection select(String field, long length) {
        Matcher range = SINGLE.matcher(field);
        if (!range.matches()) {
            return new Selection.Whole();
        }
        String first = range.group(1);
        String last = range.group(2);
        if (first.isEmpty()) {
            return last.isEmpty() ? new Selection.Whole() : suffix(new BigInteger(last), length);
        }
        BigInteger end = BigInteger.valueOf(length - 1);
        return last.isEmpty() ? within(new BigInteger(first), end, end)
                : between(new BigInteger(first), new BigInteger(last), end);
    }

    /// `int-range` with both ends, which may not end before it begins.
    private static Selection between(BigInteger first, BigInteger last, BigInteger end) {
        return last.compareTo(first) < 0 ? new Selection.Whole() : within(first, last.min(end), end);
    }

    /// @param end position of the representation's last byte
    private static Selection within(BigInteger first, BigInteger last, BigInteger end) {
        return first.compareTo(end) > 0 ? new Selection.NotSatisfiable()
                : new Selection.Part(first.longValueExact(), last.longValueExact());
    }

    /// `suffix-range`: as many bytes as there are at the end. A representation without bytes has no part that
    /// Content-Range could tell of.
    private static Selection suffix(BigInteger count, long length) {
        if (count.signum() == 0) {
            return new Selection.NotSatisfiable();
        }
        return length == 0 ? new Selection.Whole()
                : new Selection.Part(length - count.min(BigInteger.valueOf(length)).longValueExact(), length - 1);
    }
}
