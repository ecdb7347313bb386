package loomgate.server.master;

import loomgate.server.config.ListenerSettings;
import loomgate.server.os.Descriptor;

/// A listener that the kernel queues connections for.
///
/// @param settings as configured
/// @param address  where it really is: with the port that the kernel chose
record OpenListener(ListenerSettings settings, Descriptor socket, String address) {}
