package loomgate.server.representation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `entity-tag` of RFC 9110 section 8.8.3: names a version of a representation.
///
/// @param opaque what is between the quotes
/// @param isWeak whether versions that differ a little may bear the same tag
record EntityTag(String opaque, boolean isWeak) {

    private static final Pattern ENTITY_TAG = Pattern.compile("(W/)?\"([\\x21\\x23-\\x7e\\x80-\\xff]*)\"");
    private static final Pattern SEPARATOR = Pattern.compile("[ \\t]*(?:,[ \\t]*|$)");

    /// The one tag that a field consists of; empty if it does not.
    static Optional<EntityTag> parse(String text) {
        Matcher tag = ENTITY_TAG.matcher(text);
        return tag.matches() ? Optional.of(of(tag)) : Optional.empty();
    }

    /// `#entity-tag` as far as it is one: what follows a mistake cannot be told apart and is ignored.
    static List<EntityTag> parseList(String text) {
        List<EntityTag> tags = new ArrayList<>();
        Matcher tag = ENTITY_TAG.matcher(text);
        Matcher separator = SEPARATOR.matcher(text);
        int at = 0;
        while (at < text.length()) {
            boolean isTag = tag.region(at, text.length()).lookingAt();
            int end = isTag ? tag.end() : at;
            if (!separator.region(end, text.length()).lookingAt()) {
                return tags;
            }
            if (isTag) {
                tags.add(of(tag));
            }
            at = separator.end();
        }
        return tags;
    }

    private static EntityTag of(Matcher tag) {
        return new EntityTag(tag.group(2), tag.group(1) != null);
    }

    /// Strong comparison (RFC 9110 section 8.8.3.2): the same bytes.
    boolean equalsStrongly(EntityTag other) {
        return !isWeak && equals(other);
    }

    /// Weak comparison: as good as the same.
    boolean equalsWeakly(EntityTag other) {
        return opaque.equals(other.opaque);
    }

    /// As a field has it.
    @Override
    public String toString() {
        return (isWeak ? "W/\"" : "\"") + opaque + '"';
    }
}
