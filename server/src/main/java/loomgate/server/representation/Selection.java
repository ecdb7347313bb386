package loomgate.server.representation;

import java.util.List;
import java.util.OptionalLong;
import loomgate.api.Headers;

/// What a GET or HEAD gets of a representation that would otherwise be answered with 200.
public sealed interface Selection {

    /// All of it: 200.
    record Whole() implements Selection {}

    /// One range of it: 206.
    ///
    /// @param first position of the first byte
    /// @param last  position of the last byte, not before the first
    record Part(long first, long last) implements Selection {}

    /// The client has it already: 304.
    record NotModified() implements Selection {}

    /// It is not the version that the client wants to have: 412.
    record PreconditionFailed() implements Selection {}

    /// It has no byte of the range: 416.
    record NotSatisfiable() implements Selection {}

    /// Evaluates the conditions in the order of RFC 9110 section 13.2.2, and then the range, which GET alone has
    /// (section 14.2).
    ///
    /// @param isGet   GET, else HEAD
    /// @param request the request's header fields
    static Selection of(boolean isGet, Headers request, Representation current) {
        if (!isWanted(request, current)) {
            return new PreconditionFailed();
        }
        if (isKnown(request, current)) {
            return new NotModified();
        }
        List<String> ranges = isGet && current.hasRanges() ? request.all("Range") : List.of();
        return ranges.size() == 1 && isRangeOfThis(request, current)
                ? ByteRange.select(ranges.getFirst(), current.length()) : new Whole();
    }

    /// If-Match (section 13.1.1), and only without it If-Unmodified-Since (section 13.1.4).
    private static boolean isWanted(Headers request, Representation current) {
        List<String> tags = request.all("If-Match");
        if (!tags.isEmpty()) {
            return tags.stream().anyMatch(field -> field.equals("*")
                    || EntityTag.parseList(field).stream().anyMatch(current.tag()::equalsStrongly));
        }
        OptionalLong date = date(request.all("If-Unmodified-Since"), current);
        return date.isEmpty() || current.lastModified() <= date.getAsLong();
    }

    /// If-None-Match (section 13.1.2), and only without it If-Modified-Since (section 13.1.3).
    private static boolean isKnown(Headers request, Representation current) {
        List<String> tags = request.all("If-None-Match");
        if (!tags.isEmpty()) {
            return tags.stream().anyMatch(field -> field.equals("*")
                    || EntityTag.parseList(field).stream().anyMatch(current.tag()::equalsWeakly));
        }
        OptionalLong date = date(request.all("If-Modified-Since"), current);
        return date.isPresent() && current.lastModified() <= date.getAsLong();
    }

    /// If-Range (section 13.1.5): a part is of use to the client only if it is of the version that the client has the
    /// rest of.
    private static boolean isRangeOfThis(Headers request, Representation current) {
        List<String> fields = request.all("If-Range");
        if (fields.isEmpty()) {
            return true;
        }
        if (fields.getFirst().indexOf('"') >= 0) {
            return fields.size() == 1
                    && EntityTag.parse(fields.getFirst()).filter(current.tag()::equalsStrongly).isPresent();
        }
        OptionalLong date = date(fields, current);
        return date.isPresent() && date.getAsLong() == current.lastModified() && current.isLastModifiedStrong();
    }

    /// The date of a field; empty if there is none, or more than one, or one that is invalid, which is ignored.
    private static OptionalLong date(List<String> fields, Representation current) {
        return fields.size() == 1 ? HttpDate.parse(fields.getFirst(), current.thisYear()) : OptionalLong.empty();
    }
}
