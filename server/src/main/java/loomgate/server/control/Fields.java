package loomgate.server.control;

/// Texts as the fields of a line, with tabs between them: `%`, tab and newline are percent-encoded.
public final class Fields {

    private Fields() {}

    public static String encode(String field) {
        return field.replace("%", "%25").replace("\t", "%09").replace("\n", "%0a");
    }

    /// Of what [#encode] gave; of anything else, something.
    public static String decode(String field) {
        return field.replace("%0a", "\n").replace("%09", "\t").replace("%25", "%");
    }
}
