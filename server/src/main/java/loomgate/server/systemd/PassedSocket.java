package loomgate.server.systemd;

import loomgate.server.os.BoundAddress;
import loomgate.server.os.Descriptor;

/// A listening socket that systemd opened for us, and keeps.
///
/// @param name as `FileDescriptorName=` of the socket unit has it; the unit's own name without that
public record PassedSocket(Descriptor descriptor, String name, BoundAddress address) {

    /// `shop.socket (127.0.0.1:3031)`.
    @Override
    public String toString() {
        return name.isEmpty() ? address.toString() : name + " (" + address + ")";
    }
}
