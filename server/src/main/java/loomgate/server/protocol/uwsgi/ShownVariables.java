package loomgate.server.protocol.uwsgi;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import loomgate.api.Headers;

/// What the application is shown of the variables, and how: as header fields, and as a map.
final class ShownVariables {

    private ShownVariables() {}

    /// The client's fields. `Content-Type` and `Content-Length` are those of the body that the gateway passes on, and
    /// there is no `Transfer-Encoding`: the gateway has undone it (RFC 9110 section 7.6.1).
    static Headers headers(Variables variables) {
        List<String> namesAndValues = new ArrayList<>(2 * variables.fieldCount() + 4);
        addField("Content-Type", VariableNames.CONTENT_TYPE, variables, namesAndValues);
        addField("Content-Length", VariableNames.CONTENT_LENGTH, variables, namesAndValues);
        VariableCursor cursor = variables.cursor();
        while (cursor.next()) {
            if (cursor.isField() && !isRepeatOfHost(cursor, variables)) {
                String name = VariableNames.field(variables.block(), cursor.keyFrom(), cursor.keyTo());
                if (!isOfTheMessage(name)) {
                    namesAndValues.add(name);
                    namesAndValues.add(variables.value(cursor));
                }
            }
        }
        return Headers.of(namesAndValues.toArray(String[]::new));
    }

    private static void addField(String name, int index, Variables variables, List<String> namesAndValues) {
        if (variables.hasValue(index)) {
            namesAndValues.add(name);
            namesAndValues.add(variables.text(index));
        }
    }

    private static boolean isRepeatOfHost(VariableCursor cursor, Variables variables) {
        return cursor.isKey("HTTP_HOST") && cursor.valueFrom() != variables.from(VariableNames.HTTP_HOST);
    }

    private static boolean isOfTheMessage(String field) {
        return field.equals("Content-Type") || field.equals("Content-Length") || field.equals("Transfer-Encoding");
    }

    /// Those that were sent, by their names; unmodifiable. `HTTP_TRANSFER_ENCODING` and `HTTP_CONTENT_LENGTH` are among
    /// them, as what the gateway has told of its other side.
    static Map<String, String> map(Variables variables) {
        Map<String, String> map = HashMap.newHashMap(variables.count());
        VariableCursor cursor = variables.cursor();
        while (cursor.next()) {
            add(cursor, variables, map);
        }
        if (variables.has(VariableNames.PATH_INFO)) {
            map.put("PATH_INFO", variables.text(VariableNames.PATH_INFO)); // may have been stripped
        }
        return Collections.unmodifiableMap(map);
    }

    /// Repeats of a header field are one list (RFC 9110 section 5.3), those of Cookie have a separator of their own
    /// (RFC 6265 section 5.4); of what else is repeated the last counts, as in uWSGI.
    private static void add(VariableCursor cursor, Variables variables, Map<String, String> map) {
        String name = variables.name(cursor);
        if (isWithheld(name)) {
            return;
        }
        String value = variables.value(cursor);
        if (cursor.isField() && !name.equals("HTTP_HOST")) { // there is one Host
            String separator = name.equals("HTTP_COOKIE") ? "; " : ", ";
            map.merge(name, value, (first, next) -> first + separator + next);
        } else {
            map.put(name, value);
        }
    }

    /// uWSGI's control variables, the one that programs take for their own environment (CVE-2016-5385), and what only
    /// the gateway and the server know.
    private static boolean isWithheld(String name) {
        return name.startsWith("UWSGI_") && !name.equals("UWSGI_SCHEME") || name.equals("HTTP_PROXY")
                || name.equals("LOOMGATE_SECRET");
    }
}
