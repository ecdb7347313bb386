package loomgate.server.protocol;

import loomgate.server.net.ByteOutput;

/// The header fields that a protocol adds to those of the application. Asked for at the moment the head is made up,
/// which for a streamed body is when its first bytes leave.
@FunctionalInterface
public interface OwnFields {

    /// Puts each field with its CRLF.
    ///
    /// @param isDelimited whether the end of the message can be found without the end of the connection
    /// @return the number of fields
    int putInto(ByteOutput head, boolean isDelimited);
}
