package loomgate.server.protocol.uwsgi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import loomgate.server.protocol.Authority;
import loomgate.server.protocol.BadRequest;
import loomgate.server.protocol.Octets;

/// The variables of a packet, and where those stand that mean something to the server. What no gateway sends, and what
/// could be read in two ways, is refused here.
final class Variables {

    private static final int ABSENT = -1;

    private final byte[] block;
    private final int[] singles = new int[2 * VariableNames.SINGLE]; // value from, value to
    private int count;
    private int fieldCount;

    /// @param block of the packet, behind its header
    Variables(byte[] block) throws BadRequest {
        this.block = block;
        Arrays.fill(singles, ABSENT);
        VariableCursor cursor = cursor();
        while (cursor.next()) {
            count++;
            if (cursor.isField()) {
                fieldCount++;
                scanField(cursor);
            } else {
                scanOther(cursor);
            }
        }
        cursor.requireEnd();
    }

    /// What a header field may not contain it may not contain here either: no gateway would let it pass.
    private void scanField(VariableCursor cursor) throws BadRequest {
        if (!Octets.isToken(block, cursor.keyFrom() + 5, cursor.keyTo())) {
            throw new BadRequest(400, "a variable of a header field has a name that is no token");
        }
        if (!Octets.isFieldValue(block, cursor.valueFrom(), cursor.valueTo())) {
            throw hasControl(name(cursor));
        }
        if (cursor.isKey("HTTP_HOST")) {
            note(VariableNames.HTTP_HOST, cursor);
        }
    }

    private void scanOther(VariableCursor cursor) throws BadRequest {
        if (Octets.containsControl(block, cursor.keyFrom(), cursor.keyTo())) {
            throw new BadRequest(400, "the name of a variable has a control character");
        }
        int index = VariableNames.index(block, cursor.keyFrom(), cursor.keyTo());
        if (index >= 0 && index < VariableNames.SINGLE) {
            note(index, cursor);
        }
    }

    /// One that has one value. nginx sends a variable twice that `uwsgi_param` names twice.
    private void note(int index, VariableCursor cursor) throws BadRequest {
        if (has(index) && !Arrays.equals(block, from(index), to(index), block, cursor.valueFrom(), cursor.valueTo())) {
            throw new BadRequest(400, VariableNames.name(index) + " was sent twice, with different values");
        }
        singles[2 * index] = cursor.valueFrom();
        singles[2 * index + 1] = cursor.valueTo();
    }

    /// Modifier 30: PATH_INFO begins with SCRIPT_NAME, and the application's path is what follows its own name.
    void stripScriptName() {
        if (!has(VariableNames.PATH_INFO) || !has(VariableNames.SCRIPT_NAME)) {
            return;
        }
        int rest = from(VariableNames.PATH_INFO) + to(VariableNames.SCRIPT_NAME) - from(VariableNames.SCRIPT_NAME);
        int end = to(VariableNames.PATH_INFO);
        boolean isPrefix = rest <= end && Arrays.equals(block, from(VariableNames.PATH_INFO), rest,
                block, from(VariableNames.SCRIPT_NAME), to(VariableNames.SCRIPT_NAME));
        if (isPrefix && (rest == end || block[rest] == '/')) { // /app is no prefix of /apple
            singles[2 * VariableNames.PATH_INFO] = rest;
        }
    }

    /// Refuses a control character, with which a value that goes into the log could begin a line of its own.
    void requireOneLine(int index) throws BadRequest {
        if (has(index) && Octets.containsControl(block, from(index), to(index))) {
            throw hasControl(VariableNames.name(index));
        }
    }

    /// As [#requireOneLine], of what becomes the value of a header field, where a tab is no control character.
    void requireFieldValue(int index) throws BadRequest {
        if (has(index) && !Octets.isFieldValue(block, from(index), to(index))) {
            throw hasControl(VariableNames.name(index));
        }
    }

    /// Refuses what is no `host [":" port]`: front ends let more pass, with which an application would make links.
    void requireAuthority(int index) throws BadRequest {
        if (has(index) && !Authority.isValid(block, from(index), to(index))) {
            throw new BadRequest(400, VariableNames.name(index) + " is invalid");
        }
    }

    private static BadRequest hasControl(String name) {
        return new BadRequest(400, name + " has a control character");
    }

    /// The packet's bytes, which all positions refer to.
    byte[] block() {
        return block;
    }

    /// Number of variables, repeats counted.
    int count() {
        return count;
    }

    /// Number of those that stand for header fields.
    int fieldCount() {
        return fieldCount;
    }

    VariableCursor cursor() {
        return new VariableCursor(block);
    }

    /// Whether it was sent, if only with an empty value.
    boolean has(int index) {
        return from(index) != ABSENT;
    }

    /// Whether it was sent with a value.
    boolean hasValue(int index) {
        return from(index) < to(index);
    }

    int from(int index) {
        return singles[2 * index];
    }

    int to(int index) {
        return singles[2 * index + 1];
    }

    /// The value, a byte a character; empty if it was not sent.
    String text(int index) {
        return text(from(index), to(index));
    }

    String text(int from, int to) {
        return from == to ? "" : new String(block, from, to - from, StandardCharsets.ISO_8859_1);
    }

    String name(VariableCursor cursor) {
        return VariableNames.name(block, cursor.keyFrom(), cursor.keyTo());
    }

    String value(VariableCursor cursor) {
        return text(cursor.valueFrom(), cursor.valueTo());
    }
}
