package loomgate.server.protocol.uwsgi;

import loomgate.server.protocol.BadRequest;

/// Walks the variables of a packet: repeated `keylen:u16le key vallen:u16le value`, which have to fill it exactly.
final class VariableCursor {

    private final byte[] block;
    private int at; // where the next variable begins
    private int keyFrom;
    private int keyTo;
    private int valueFrom;
    private int valueTo;

    VariableCursor(byte[] block) {
        this.block = block;
    }

    /// Steps to the next variable; false at the end and where what follows is none ([#requireEnd()] tells which).
    boolean next() {
        int keyLength = length(at);
        if (keyLength <= 0 || at + 2 + keyLength > block.length) {
            return false;
        }
        int valueLength = length(at + 2 + keyLength);
        if (valueLength < 0 || at + 4 + keyLength + valueLength > block.length) {
            return false;
        }
        keyFrom = at + 2;
        keyTo = keyFrom + keyLength;
        valueFrom = keyTo + 2;
        valueTo = valueFrom + valueLength;
        at = valueTo;
        return true;
    }

    /// @throws BadRequest the variables do not fill the block exactly
    void requireEnd() throws BadRequest {
        if (at < block.length) {
            throw new BadRequest(400, length(at) == 0 ? "a variable of the uwsgi packet has an empty name"
                    : "a variable at offset " + at + " exceeds the uwsgi packet of " + block.length + " bytes");
        }
    }

    int keyFrom() {
        return keyFrom;
    }

    int keyTo() {
        return keyTo;
    }

    int valueFrom() {
        return valueFrom;
    }

    int valueTo() {
        return valueTo;
    }

    /// Whether the variable stands for a header field.
    boolean isField() {
        return keyStartsWith("HTTP_");
    }

    /// Whether that is its name.
    boolean isKey(String name) {
        return keyTo - keyFrom == name.length() && keyStartsWith(name);
    }

    private boolean keyStartsWith(String prefix) {
        if (keyTo - keyFrom < prefix.length()) {
            return false;
        }
        for (int i = 0; i < prefix.length(); i++) {
            if (block[keyFrom + i] != prefix.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /// The number that stands there, -1 if it exceeds the block.
    private int length(int offset) {
        return offset + 2 > block.length ? -1 : (block[offset] & 0xff) | (block[offset + 1] & 0xff) << 8;
    }
}
