package loomgate.server.protocol.http;

import java.nio.charset.StandardCharsets;
import loomgate.server.protocol.Authority;
import loomgate.server.protocol.Octets;

/// The fields of a section, by their numbers from 0: names and values as they stand in its bytes.
///
/// @param offsets for each field: the name's begin and end, the value's begin and end; may be longer than needed
record Fields(byte[] bytes, int[] offsets, int count) {

    String name(int field) {
        return FieldNames.name(bytes, nameFrom(field), nameTo(field));
    }

    int nameLength(int field) {
        return nameTo(field) - nameFrom(field);
    }

    /// Whether that is the field's name, in whatever case.
    boolean isNamed(int field, String lowerCase) {
        return Octets.equalsIgnoreCase(bytes, nameFrom(field), nameTo(field), lowerCase);
    }

    boolean hasUnderscore(int field) {
        for (int i = nameFrom(field); i < nameTo(field); i++) {
            if (bytes[i] == '_') {
                return true;
            }
        }
        return false;
    }

    /// The name of the variable that stands for the field.
    String variable(int field) {
        return FieldNames.variable(bytes, nameFrom(field), nameTo(field));
    }

    String value(int field) {
        return new String(bytes, valueFrom(field), valueTo(field) - valueFrom(field), StandardCharsets.ISO_8859_1);
    }

    /// The value as a number, -1 if it is none or too large for a long.
    long decimal(int field) {
        return Octets.decimal(bytes, valueFrom(field), valueTo(field));
    }

    /// The value as a list.
    ListMembers members(int field) {
        return new ListMembers(bytes, valueFrom(field), valueTo(field));
    }

    boolean isAuthority(int field) {
        return Authority.isValid(bytes, valueFrom(field), valueTo(field));
    }

    private int nameFrom(int field) {
        return offsets[4 * field];
    }

    private int nameTo(int field) {
        return offsets[4 * field + 1];
    }

    private int valueFrom(int field) {
        return offsets[4 * field + 2];
    }

    private int valueTo(int field) {
        return offsets[4 * field + 3];
    }
}
