package loomgate.server.control;

import java.util.Arrays;
import java.util.List;

/// Lines of a word and its fields, with tabs between them: `%`, tab and newline are percent-encoded in a field.
public final class Fields {

    private Fields() {}

    /// A line without its end.
    public static String line(String word, List<?> fields) {
        StringBuilder line = new StringBuilder(word);
        fields.forEach(field -> line.append('\t').append(encode(field.toString())));
        return line.toString();
    }

    /// What a line of [#line] was made of, the word first; of any other line, something.
    public static List<String> of(String line) {
        return Arrays.stream(line.split("\t", -1)).map(Fields::decode).toList();
    }

    private static String encode(String field) {
        return field.replace("%", "%25").replace("\t", "%09").replace("\n", "%0a");
    }

    private static String decode(String field) {
        return field.replace("%0a", "\n").replace("%09", "\t").replace("%25", "%");
    }
}
